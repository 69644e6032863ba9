"""Why: the same numbers as similar gives, terms that add up, and evidence that is true of the files."""

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.evidence import closest
from models.modality import MODALITIES
from tests.indexer.exploring.formula import naive_terms, stored_blocks
from tests.indexer.exploring.test_similar import FADERS


@pytest.mark.parametrize("faders", FADERS)
@pytest.mark.parametrize("hub", [True, False])
def test_similar_and_explain_say_exactly_the_same(
    explorer: Explorer, faders: dict[str, float] | None, hub: bool
) -> None:
    for hit in explorer.similar(2, count=100, faders=faders, hub=hub).hits[::4]:
        why = explorer.explain(2, hit.track.id, faders=faders, hub=hub)
        assert why.score == hit.score
        assert why.contributions == hit.contributions
        assert list(why.contributions) == list(hit.contributions)
        assert why.score == sum(why.contributions.values())
        assert (why.a.id, why.b) == (2, hit.track)


@pytest.mark.parametrize("faders", FADERS)
def test_pairs_are_the_products_of_the_formula(explorer: Explorer, faders: dict[str, float] | None) -> None:
    session = explorer.session()
    why = explorer.explain(1, 4, faders=faders, hub=False)
    terms = naive_terms(
        session, stored_blocks(session.connection, 1)[0], stored_blocks(session.connection, 4)[0], faders
    )
    assert {(pair.a, pair.b) for pair in why.pairs} == {(m.value, n.value) for m, n in terms}
    for pair in why.pairs:
        shared, private = next(v for (m, n), v in terms.items() if (m.value, n.value) == (pair.a, pair.b))
        assert pair.shared == pytest.approx(shared, abs=1e-12)
        assert pair.private == pytest.approx(private, abs=1e-12)
        assert pair.value == pair.shared + pair.private
    assert sum(pair.value for pair in why.pairs) == pytest.approx(why.score, abs=1e-12)


def test_a_track_explains_itself_best(explorer: Explorer) -> None:
    itself = explorer.explain(1, 1, hub=False)
    assert itself.score > max(hit.score or 0.0 for hit in explorer.similar(1, hub=False).hits)


def test_evidence_is_there_for_what_both_have_and_for_nothing_else(explorer: Explorer, ids: dict[str, int]) -> None:
    rows = explorer.catalogue.rows([ids["Two Lamps"], ids["Lake, Unlit"]])
    why = explorer.explain(*(row.id for row in rows))
    assert set(why.evidence) == rows[0].modalities & rows[1].modalities
    assert set(why.evidence) == {m.value for m in MODALITIES}


def test_evidence_names_what_the_files_say(explorer: Explorer, ids: dict[str, int]) -> None:
    facts = explorer.explain(ids["Two Lamps"], ids["Lake, Unlit"]).evidence
    assert facts["playlists"]["shared"] == ["Evening walk"]
    lines = explorer.catalogue.card(ids["Two Lamps"])["lyrics"].splitlines()
    assert facts["lyrics"]["a"] in lines
    assert -1 <= facts["lyrics"]["cosine"] <= 1.0001
    assert {"a", "b"} == set(facts["audio"])
    assert facts["audio"]["a"]["loudness_lufs"].endswith("LUFS")
    assert facts["cover"]["same"] is False
    assert all(len(colour) == 7 and colour[0] == "#" for side in facts["cover"]["colours"] for colour in side)


def test_graph_evidence_walks_from_the_one_track_to_the_other(explorer: Explorer, ids: dict[str, int]) -> None:
    path = explorer.explain(ids["Two Lamps"], ids["Lake, Unlit"]).evidence["graph"]["path"]
    assert [(step["kind"], step["name"]) for step in path] == [
        ("track", "Two Lamps"),
        ("artist", "Marisol Vey"),
        ("track", "Lake, Unlit"),
    ]
    assert path[0]["via"] is None
    assert all(step["via"] for step in path[1:])


def test_tags_evidence_has_words_and_no_codes_or_single_letters(explorer: Explorer, ids: dict[str, int]) -> None:
    shared = explorer.explain(ids["Harbour Song"], ids["Salt Wind"]).evidence["tags"]["shared"]
    assert "folk" in shared
    assert all(word.isalpha() and len(word) > 1 for word in shared)


def test_same_cover_is_said(explorer: Explorer, ids: dict[str, int]) -> None:
    assert explorer.explain(ids["Fog Index"], ids["Snow Line"]).evidence["cover"]["same"] is True


def test_what_cannot_be_explained_says_why(explorer: Explorer) -> None:
    for a, b, missing in ((1, 999, "999"), (998, 1, "998")):
        with pytest.raises(IndexerError, match=missing):
            explorer.explain(a, b)
    with pytest.raises(IndexerError, match="turn up"):
        explorer.explain(1, 2, faders={m.value: 0.0 for m in MODALITIES})


def test_several_lines_are_told_each_once_and_the_closest_first(explorer: Explorer, ids: dict[str, int]) -> None:
    facts = explorer.explain(ids["Two Lamps"], ids["Lake, Unlit"]).evidence["lyrics"]
    pairs = facts["pairs"]
    assert 3 <= len(pairs) <= 5
    assert {name: facts[name] for name in ("a", "b", "cosine")} == pairs[0]
    assert [pair["cosine"] for pair in pairs] == sorted((pair["cosine"] for pair in pairs), reverse=True)
    for side, title in (("a", "Two Lamps"), ("b", "Lake, Unlit")):
        lines = [pair[side] for pair in pairs]
        assert len(set(lines)) == len(lines)
        assert set(lines) <= set(explorer.catalogue.card(ids[title])["lyrics"].splitlines())


def test_closest_takes_no_row_or_column_twice() -> None:
    cosines = np.array([[0.9, 0.8, 0.1], [0.85, 0.2, 0.3]], np.float32)
    assert closest(cosines, 5) == [(0, 0), (1, 2)]


def test_tags_tell_the_words_of_one_side_alone(explorer: Explorer, ids: dict[str, int]) -> None:
    facts = explorer.explain(ids["Harbour Song"], ids["Salt Wind"]).evidence["tags"]
    assert "harbour" in facts["a"]
    assert "salt" in facts["b"]
    assert not set(facts["shared"]) & {*facts["a"], *facts["b"]}


def test_the_graph_tells_all_that_both_hang_on(explorer: Explorer, ids: dict[str, int]) -> None:
    shared = explorer.explain(ids["Two Lamps"], ids["Lake, Unlit"]).evidence["graph"]["shared"]
    assert {(node["kind"], node["name"]) for node in shared} >= {
        ("artist", "Marisol Vey"),
        ("playlist", "Evening walk"),
    }
    assert all(node["a"] and node["b"] for node in shared)
    assert explorer.explain(ids["Fog Index"], ids["Harbour Song"]).evidence["graph"]["shared"] == []


def test_playlists_tell_where_both_stand(explorer: Explorer, ids: dict[str, int]) -> None:
    (place,) = explorer.explain(ids["Lake, Unlit"], ids["Two Lamps"]).evidence["playlists"]["places"]
    query = "SELECT track_id FROM playlist_entries e JOIN playlists p ON p.id = e.playlist_id WHERE p.name = ?"
    order = [row[0] for row in explorer.catalogue.connection.execute(f"{query} ORDER BY e.position", (place["name"],))]
    assert order[place["a"] - 1] == ids["Lake, Unlit"]
    assert order[place["b"] - 1] == ids["Two Lamps"]
    assert place["length"] == len(order)
