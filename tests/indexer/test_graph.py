"""The graph of a library: who is a node, what ties them, by how much, and where that was read."""

import json
import random
from pathlib import Path

import networkx
import pytest

from indexer.catalogue import Catalogue
from indexer.errors import IndexerError
from indexer.graph import rebuild_graph
from indexer.graph_export import export_graph
from indexer.storing.store import Store
from indexer.storing.tracks import FileState, delete_tracks, mark_missing, put_track
from indexer.track import Reading, Stream, Tags
from tests.indexer.naive_graph import Graph, naive_graph, stored_graph
from tests.indexer.rows import open_store, put_songs, song


def graph_of(library: Path, *songs: Tags) -> Graph:
    with open_store(library) as store:
        put_songs(store, *songs)
        return built(store)


def built(store: Store) -> Graph:
    rebuild_graph(store)
    return stored_graph(store.connection)


def names(graph: Graph, kind: str) -> set[str]:
    return {name for (of, _), name in graph.names.items() if of == kind}


def ties(graph: Graph) -> dict[tuple[str, str, str], float]:
    """Return the weight of each edge by the names of its ends, in alphabetical order, and its kind."""
    found = {}
    for (a, b, kind), weight in graph.edges.items():
        first, second = sorted((graph.names[a], graph.names[b]))
        found[first, second, kind] = round(weight, 6)
    return found


def provenance(graph: Graph, kind: str) -> set[str]:
    return {text for (_, _, of), text in graph.provenance.items() if of == kind}


def test_empty_library_has_an_empty_graph(tmp_path: Path) -> None:
    graph = graph_of(tmp_path)
    assert (graph.names, graph.edges) == ({}, {})


def test_every_role_ties_by_its_own_kind(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path, song("T", "A", "featured: B", "remixer: C", "composer: D", "lyricist: E", "conductor: F")
    )
    assert names(graph, "artist") == set("ABCDEF")
    assert ties(graph) == {
        ("A", "T", "artist"): 1.0,
        ("B", "T", "featured"): 0.7,
        ("C", "T", "remixer"): 0.6,
        ("D", "T", "composer"): 0.5,
        ("E", "T", "lyricist"): 0.3,
        ("F", "T", "conductor"): 0.5,
        ("A", "B", "feat."): 0.5,
        ("B", "C", "feat."): 0.5,
        ("B", "D", "feat."): 0.5,
        ("B", "E", "feat."): 0.5,
        ("B", "F", "feat."): 0.5,
        ("A", "C", "remixer"): 0.5,
        ("C", "D", "remixer"): 0.5,
        ("C", "E", "remixer"): 0.5,
        ("C", "F", "remixer"): 0.5,
        ("A", "D", "composer"): 0.5,
        ("D", "E", "composer"): 0.5,
        ("D", "F", "composer"): 0.5,
        ("A", "E", "lyricist"): 0.5,
        ("E", "F", "lyricist"): 0.5,
        ("A", "F", "joint credit"): 0.5,
    }


def test_repeated_joint_credits_say_less_each_time(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, song("One", "A", "B"), song("Two", "B", "A"), song("Three", "A", "B"))
    assert ties(graph)["A", "B", "joint credit"] == 0.875
    assert provenance(graph, "joint credit") == {"joint credit on “One” and 2 more"}


def test_one_person_in_many_roles_is_tied_once_by_the_strongest(tmp_path: Path) -> None:
    graph = graph_of(tmp_path, song("T", "album artist: A", "composer: A", "A", "lyricist: A"))
    assert ties(graph) == {("A", "T", "artist"): 1.0}
    own = graph_of(tmp_path / "own", song("T", "album artist: A", "lyricist: A", "B"))
    assert ties(own)["A", "T", "lyricist"] == 0.3


def test_spellings_of_a_name_are_one_node_with_the_first_shown(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        song("1", "Björk"),
        song("2", "BJO\u0308RK"),
        song("3", "bjork"),
        song("4", "أُمّ كُلثوم"),
        song("5", "ام كلثوم"),
    )
    assert names(graph, "artist") == {"Björk", "أُمّ كُلثوم"}


def test_joint_names_divide_on_evidence_only(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        song("1", "AC/DC"),
        song("2", "Simon & Garfunkel"),
        song("3", "Earth, Wind & Fire"),
        song("4", "Simon"),
        song("5", "Nula & Vey"),
        song("6", "Nula"),
        song("7", "Vey"),
    )
    assert names(graph, "artist") == {
        "AC/DC",
        "Simon & Garfunkel",
        "Earth, Wind & Fire",
        "Simon",
        "Nula",
        "Vey",
    }
    assert ties(graph)["Nula", "Vey", "joint credit"] == 0.5
    assert ties(graph)["5", "Nula", "artist"] == ties(graph)["5", "Vey", "artist"] == 1.0
    assert provenance(graph, "artist") == {"tag", "split"}


@pytest.mark.parametrize("name", ["Various Artists", "VARIOUS ARTISTS", "Unknown", "Unknown Artist", "[unknown]", " "])
def test_placeholders_are_no_nodes(tmp_path: Path, name: str) -> None:
    tags = song("T", name, f"album artist: {name}", album=name, album_artist=name, genres=("Other", "unknown", "Misc"))
    graph = graph_of(tmp_path, tags)
    assert names(graph, "artist") == names(graph, "album") == names(graph, "genre") == set()
    assert graph.edges == {}


def test_long_lists_of_people_do_not_all_know_each_other(tmp_path: Path) -> None:
    choir = [f"Singer {letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]
    graph = graph_of(tmp_path, song("T", *choir))
    assert len([kind for *_, kind in graph.edges if kind == "joint credit"]) == 8 * 7 // 2
    assert len([kind for *_, kind in graph.edges if kind == "artist"]) == len(choir)


def test_albums_are_told_apart(tmp_path: Path) -> None:
    best = {"album": "Best Of"}
    with open_store(tmp_path) as store:
        put_songs(store, song("1", "A", album_artist="A", **best), song("2", "A", album_artist="A", **best), folder="x")
        put_songs(store, song("3", "B", album_artist="B", **best), folder="x")
        put_songs(store, song("4", "A", album_artist="A", **best), folder="y")
        put_songs(store, song("5", "A", **best), song("6", "C", compilation=True, **best), folder="z")
        put_songs(store, song("7", "A", musicbrainz_release="r1", **best), folder="p")
        put_songs(store, song("8", "A", musicbrainz_release="r1", **best), folder="q")
        graph = built(store)
    on = {}
    for a, b, kind in graph.edges:
        if kind == "album":
            on[graph.names[a]] = b[1]
    groups = [{name for name, key in on.items() if key == one} for one in dict.fromkeys(on.values())]
    assert groups == [{"1", "2"}, {"3"}, {"4"}, {"5", "6"}, {"7", "8"}]
    assert ("B", "Best Of", "album artist") in ties(graph)


def test_album_artist_is_tied_and_says_from_where(tmp_path: Path) -> None:
    graph = graph_of(
        tmp_path,
        song("1", "A", "album artist: Owner", album="Named", album_artist="Owner"),
        song("2", "B", album="Unnamed"),
        song("3", "C", album="Mixed", compilation=True, album_artist="Various Artists"),
    )
    assert ties(graph)["Named", "Owner", "album artist"] == 0.5
    assert ties(graph)["B", "Unnamed", "album artist"] == 0.5
    assert not any("Mixed" in edge and "album artist" in edge for edge in ties(graph))
    from_where = {
        graph.names[a]: text
        for (a, _, kind), text in graph.provenance.items()
        if kind == "album artist" and a[0] == "album"
    }
    assert from_where == {"Named": "album artist tag", "Unnamed": "artist tag"}


def test_genres_and_playlists_are_nodes(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        one, two = put_songs(store, song("1", "A", genres=("Folk", "folk", "Misc")), song("2", "B", genres=("FOLK",)))
        with store.writing() as connection:
            connection.execute("INSERT INTO playlists VALUES (4, 1, 'l.m3u', 'Late', 1, 1)")
            connection.executemany("INSERT INTO playlist_entries VALUES (4, ?, 'p', ?)", [(0, one), (1, two), (2, one)])
        graph = built(store)
    assert names(graph, "genre") == {"Folk"}
    assert names(graph, "playlist") == {"Late"}
    assert ties(graph)["1", "Folk", "genre"] == ties(graph)["2", "Folk", "genre"] == 0.3
    assert ties(graph)["1", "Late", "playlist"] == 0.4


def test_missing_tracks_are_out_of_the_graph(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = put_songs(store, song("1", "A", album="X", genres=("G",)), song("2", "B"))
        with store.writing() as connection:
            mark_missing(connection, ids[:1])
        graph = built(store)
    assert set(graph.names.values()) == {"2", "B"}


def assert_like_the_naive_one(store: Store) -> None:
    graph, expected = stored_graph(store.connection), naive_graph(store.connection)
    assert graph.names == expected.names
    assert graph.edges == expected.edges
    assert graph.provenance == expected.provenance


def test_first_graph_is_the_naive_one_numbered_as_met(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        put_songs(store, *(random_song(random.Random(seed)) for seed in range(150)))
        assert rebuild_graph(store)
        met = [node for node in naive_graph(store.connection).names if node[0] != "track"]
        assert numbers(store) == {node: -number for number, node in enumerate(met, start=1)}
        assert_like_the_naive_one(store)
        assert not rebuild_graph(store)


@pytest.mark.parametrize("seed", range(4))
def test_changed_graph_is_the_naive_one_and_nodes_keep_their_numbers(tmp_path: Path, seed: int) -> None:
    """Tracks come, go, return, are retagged and pruned, playlists change; each time only what differs is written."""
    generator = random.Random(seed)
    with open_store(tmp_path) as store:
        put_songs(store, *(random_song(generator) for _ in range(40)))
        for _ in range(8):
            rebuild_graph(store)
            before = numbers(store)
            for _ in range(generator.randrange(1, 4)):
                generator.choice(CHANGES)(store, generator)
            rebuild_graph(store)
            assert_like_the_naive_one(store)
            after = numbers(store)
            assert {node: after[node] for node in before.keys() & after.keys()} == {
                node: before[node] for node in before.keys() & after.keys()
            }


def test_only_what_differs_is_written(tmp_path: Path) -> None:
    with open_store(tmp_path) as store:
        ids = put_songs(store, *(random_song(random.Random(seed)) for seed in range(100)))
        rebuild_graph(store)
        retag(store, ids[0], song("Renamed", "Somebody new"))
        before, written = store.connection.total_changes, store.fact("version")
        rebuild_graph(store)
        # The track's own edges, the node of the name, the title, what hung on names that are gone, and the version.
        assert store.connection.total_changes - before < 40
        assert store.fact("version") == written + 1
        rebuild_graph(store)
        assert store.fact("version") == written + 1


NAMES = ["Nula", "Vey", "Björk", "bjork", "Various Artists", "Simon & Garfunkel", "AC/DC", "أُمّ كُلثوم", "Ozone"]


def random_song(generator: random.Random) -> Tags:
    """Make a song of a few names, alone and joint, so that evidence comes and goes."""
    credits = [generator.choice(NAMES)]
    if generator.random() < 0.4:
        credits.append(f"{generator.choice(NAMES)} & {generator.choice(NAMES)}")
    if generator.random() < 0.4:
        role = generator.choice(["featured", "composer", "remixer", "album artist"])
        credits.append(f"{role}: {generator.choice(NAMES)}")
    return song(
        generator.choice(["One", "Two", "Three"]),
        *credits,
        album=generator.choice(["", "Best Of", "BEST OF", "Live"]),
        album_artist=generator.choice(["", *NAMES]),
        compilation=generator.random() < 0.2,
        musicbrainz_release=generator.choice([None, None, "r1"]),
        genres=tuple(generator.sample(["Folk", "folk", "Other", "Rock"], generator.randrange(3))),
    )


def retag(store: Store, track_id: int, tags: Tags) -> None:
    with store.writing() as connection:
        path = connection.execute("SELECT path FROM tracks WHERE id = ?", (track_id,)).fetchone()[0]
        reading = Reading(tags, Stream(200.0, "mp3"), f"sound {track_id}")
        put_track(connection, FileState(1, path, 1000, 1, ""), reading, track_id=track_id)


def any_track(store: Store, generator: random.Random) -> int:
    return int(generator.choice(store.connection.execute("SELECT id FROM tracks").fetchall())[0])


def retag_one(store: Store, generator: random.Random) -> None:
    retag(store, any_track(store, generator), random_song(generator))


def add_one(store: Store, generator: random.Random) -> None:
    put_songs(store, random_song(generator), folder=f"new {generator.random()}")


def lose_one(store: Store, generator: random.Random) -> None:
    with store.writing() as connection:
        mark_missing(connection, [any_track(store, generator)])


def find_all(store: Store, generator: random.Random) -> None:
    with store.writing() as connection:
        connection.execute("UPDATE tracks SET missing_since = NULL")


def prune_one(store: Store, generator: random.Random) -> None:
    with store.writing() as connection:
        delete_tracks(connection, [any_track(store, generator)])


def list_some(store: Store, generator: random.Random) -> None:
    with store.writing() as connection:
        connection.execute("DELETE FROM playlists")
        connection.execute(
            "INSERT INTO playlists VALUES (4, 1, 'l.m3u', ?, 1, 1)", (generator.choice(["Late", "Early"]),)
        )
        entries = [(place, any_track(store, generator)) for place in range(6)]
        connection.executemany("INSERT INTO playlist_entries VALUES (4, ?, 'p', ?)", entries)


NODES = (
    "SELECT id, kind, name, NULL AS track_id FROM nodes UNION ALL "
    "SELECT id, 'track', title, id FROM tracks WHERE missing_since IS NULL"
)
CHANGES = [retag_one, add_one, lose_one, find_all, prune_one, list_some]


def numbers(store: Store) -> dict[tuple[str, str], int]:
    return {(kind, key): number for number, kind, key in store.connection.execute("SELECT id, kind, key FROM nodes")}


@pytest.fixture
def catalogue(tmp_path: Path) -> Catalogue:
    with open_store(tmp_path / "library") as store:
        put_songs(
            store,
            song("Bad \x0b title ]]> <b>&amp;", "Nassam ☕ 夜来香", "bell\x07", album="X", genres=("G",)),
            song("2", "A & B", "remixer: C"),
        )
        rebuild_graph(store)
    return Catalogue(tmp_path / "library")


def test_graphml_read_back_is_the_stored_graph(catalogue: Catalogue, tmp_path: Path) -> None:
    counts = export_graph(catalogue, tmp_path / "g.graphml")
    read = networkx.read_graphml(tmp_path / "g.graphml", node_type=int, force_multigraph=True)
    nodes = {row["id"]: row for row in catalogue.connection.execute(NODES)}
    edges = [tuple(row) for row in catalogue.connection.execute("SELECT * FROM edges ORDER BY source, target, kind")]
    assert counts == (len(nodes), len(edges)) == (read.number_of_nodes(), read.number_of_edges())
    assert not read.is_directed()
    for number, data in read.nodes(data=True):
        assert (data["kind"], data.get("track_id")) == (nodes[number]["kind"], nodes[number]["track_id"])
    shown = {data["name"] for _, data in read.nodes(data=True)}
    assert shown >= {"Nassam ☕ 夜来香", "A & B", "bell", "Bad  title ]]> <b>&amp;"}
    ends = {
        (min(a, b), max(a, b), data["kind"]): (data["weight"], data["provenance"])
        for a, b, data in read.edges(data=True)
    }
    assert {(min(a, b), max(a, b), kind): (weight, _xml(text)) for a, b, kind, weight, text in edges} == ends


def _xml(text: str) -> str:
    return text.replace("\x0b", "").replace("\x07", "")


def test_json_read_back_is_the_stored_graph(catalogue: Catalogue, tmp_path: Path) -> None:
    counts = export_graph(catalogue, tmp_path / "g.JSON")
    read = json.loads((tmp_path / "g.JSON").read_text("ascii"))
    assert counts == (len(read["nodes"]), len(read["links"]))
    nodes = [dict(row) for row in catalogue.connection.execute(f"{NODES} ORDER BY id")]
    edges = [
        dict(row) for row in catalogue.connection.execute("SELECT source, target, kind, weight, provenance FROM edges")
    ]
    assert (read["nodes"], read["links"]) == (nodes, edges)
    assert networkx.node_link_graph(read | {"multigraph": True}, edges="links").number_of_edges() == len(edges)


def test_export_that_cannot_be_is_one_line_and_leaves_nothing(catalogue: Catalogue, tmp_path: Path) -> None:
    with pytest.raises(IndexerError, match=r'cannot export the graph to "g.png": name it .graphml or .json'):
        export_graph(catalogue, tmp_path / "g.png")
    with pytest.raises(IndexerError, match=r"cannot write .*No such file or directory"):
        export_graph(catalogue, tmp_path / "nowhere/g.json")
    (tmp_path / "taken.json").mkdir()
    with pytest.raises(IndexerError, match="cannot write"):
        export_graph(catalogue, tmp_path / "taken.json")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["library", "taken.json"]
