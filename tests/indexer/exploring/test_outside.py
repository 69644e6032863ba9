"""A file outside the library as the question: copies score as their originals do, and nothing is ever stored."""

import io
import os
import shutil
import struct
import subprocess
import sys
import zlib
from hashlib import sha256
from pathlib import Path

import mutagen
import numpy as np
import pytest
from PIL import Image

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.outside import open_outside
from indexer.exploring.scale import percentile, track_scale
from indexer.exploring.session import parse_faders
from indexer.exploring.similar import similar_to_file
from indexer.storing.store import Store
from models.modality import MODALITIES, Modality
from tests.indexer.exploring.formula import between_tracks, naive_terms, split, stored_blocks

TITLES = ("Harbour Song", "Two Lamps", "Layali", "Fog Index", "Turnstile")
"""With embedded and folder covers, lyrics inside and beside, in two scripts, and a track without words."""
BESIDE = (".lrc", ".jpg", ".png", ".txt")


def copied(path: str, folder: Path) -> str:
    """Copy a track with the words and pictures beside it."""
    folder.mkdir(exist_ok=True)
    for file in Path(path).parent.iterdir():
        if file.suffix in BESIDE and (file.stem == Path(path).stem or file.suffix in (".jpg", ".png")):
            shutil.copy(file, folder)
    return str(shutil.copy(path, folder))


def everything(folder: Path) -> dict[str, tuple[int, str]]:
    """Return name -> modification time and content of every file below a folder."""
    return {
        str(file.relative_to(folder)): (file.stat().st_mtime_ns, sha256(file.read_bytes()).hexdigest())
        for file in sorted(folder.rglob("*"))
        if file.is_file()
    }


def stored(explorer: Explorer) -> str:
    """Digest all rows of all tables."""
    return sha256("\n".join(explorer.catalogue.connection.iterdump()).encode("utf-8", "surrogatepass")).hexdigest()


@pytest.mark.parametrize("title", TITLES)
def test_copy_of_a_track_scores_as_the_track_itself(
    explorer: Explorer, ids: dict[str, int], tmp_path: Path, title: str
) -> None:
    [row] = explorer.catalogue.rows([ids[title]])
    copy = copied(row.path, tmp_path / "elsewhere")
    before = stored(explorer), everything(tmp_path)
    answer = explorer.similar_to_file(copy, count=100, faders={"playlists": 0.0})
    assert (stored(explorer), everything(tmp_path)) == before
    assert answer.query == copy
    assert answer.hits[0].track.path == row.path
    itself = explorer.explain(row.id, row.id, faders={"playlists": 0.0})
    assert answer.hits[0].score == pytest.approx(itself.score, abs=2e-5)
    assert set(answer.hits[0].contributions) == set(itself.contributions)
    assert set(row.modalities) - {"playlists"} == set(answer.note.split(" compared by ")[1].split(";")[0].split(", "))
    others = explorer.similar(row.id, count=100, faders={"playlists": 0.0}).hits
    near = {hit.track.id: hit.score for hit in answer.hits[1:]}
    assert near == {hit.track.id: pytest.approx(hit.score, abs=2e-5) for hit in others}


def test_vectors_are_those_of_the_store(explorer: Explorer, ids: dict[str, int], tmp_path: Path) -> None:
    """Everything but a float16's last digit: the library was embedded by another implementation of the text model."""
    [row] = explorer.catalogue.rows([ids["Harbour Song"]])
    outside = open_outside(explorer.session(), copied(row.path, tmp_path))
    query = "SELECT modality, vector FROM vectors WHERE track_id = ?"
    indexed = {
        m: np.frombuffer(v, np.float16).astype(np.float32)
        for m, v in explorer.session().connection.execute(query, (row.id,))
    }
    for m, vector in outside.vectors.items():
        np.testing.assert_allclose(vector, indexed[m.value], rtol=2**-9, atol=2e-5, err_msg=m)
    np.testing.assert_array_equal(outside.vectors[Modality.AUDIO], indexed["audio"])
    np.testing.assert_array_equal(outside.vectors[Modality.COVER], indexed["cover"])
    assert outside.facts.attributes == {a["name"]: a["text"] for a in explorer.catalogue.card(row.id)["attributes"]}


@pytest.fixture(scope="module")
def song(explorer: Explorer, ids: dict[str, int], tmp_path_factory: pytest.TempPathFactory) -> str:
    [row] = explorer.catalogue.rows([ids["Harbour Song"]])
    return copied(row.path, tmp_path_factory.mktemp("outside"))


@pytest.mark.parametrize("faders", [None, {"audio": 2.0, "cover": 0.0}, {"lyrics": 0.25, "tags": 3.0}])
@pytest.mark.parametrize("hub", [True, False])
def test_scores_equal_the_formula_in_plain_loops(
    explorer: Explorer, song: str, faders: dict[str, float] | None, hub: bool
) -> None:
    session = explorer.session()
    point = open_outside(session, song).point(session)
    answer = explorer.similar_to_file(song, count=100, faders=faders, hub=hub)
    assert len(answer.hits) == 36
    scores = [hit.score or 0.0 for hit in answer.hits]
    assert scores == sorted(scores, reverse=True)
    scale = track_scale(session, parse_faders(faders), hub=hub)
    for hit in answer.hits:
        theirs, hub_term = stored_blocks(session.connection, hit.track.id)
        shares = between_tracks(naive_terms(session, split(point.blocks, point.mask.tolist()), theirs, faders))
        expected = shares | ({"hub": hub_term} if hub else {})
        assert hit.score == sum(hit.contributions.values())
        for name in expected.keys() | hit.contributions.keys():
            assert hit.contributions.get(name, 0.0) == pytest.approx(expected.get(name, 0.0), abs=1e-12)
        assert hit.percentile == percentile(scale, hit.score or 0.0)


def test_one_modality_alone(explorer: Explorer, ids: dict[str, int], song: str) -> None:
    for name in ("audio", "lyrics", "tags", "cover", "graph"):
        answer = explorer.similar_to_file(song, count=100, modality=name)
        inside = explorer.similar(ids["Harbour Song"], count=100, modality=name)
        assert {hit.track.id for hit in answer.hits} - {hit.track.id for hit in inside.hits} == {ids["Harbour Song"]}
        assert answer.hits[0].score == pytest.approx(1.0, abs=1e-4)
        scores = {hit.track.id: hit.score for hit in answer.hits}
        for hit in inside.hits:
            assert scores[hit.track.id] == pytest.approx(hit.score, abs=1e-4)
            assert set(hit.contributions) == {name}
    with pytest.raises(IndexerError, match="it has audio"):
        explorer.similar_to_file(song, modality="playlists")


def test_picture_asks_by_cover(explorer: Explorer, ids: dict[str, int], tmp_path: Path) -> None:
    content_hash = explorer.catalogue.card(ids["Two Lamps"])["cover_hash"]
    thumbnail = explorer.catalogue.cover(content_hash)
    assert thumbnail is not None
    (tmp_path / "picture.JPG").write_bytes(thumbnail)
    with Image.open(io.BytesIO(thumbnail)) as image:
        image.save(tmp_path / "picture.webp")
        image.save(tmp_path / "picture.png")
    for name in ("picture.JPG", "picture.webp", "picture.png"):
        answer = explorer.similar_to_file(str(tmp_path / name), count=3)
        assert explorer.catalogue.card(answer.hits[0].track.id)["cover_hash"] == content_hash
        assert answer.note.startswith(f"{name} is compared by cover")
        assert max(answer.hits[0].contributions, key=lambda m: answer.hits[0].contributions[m]) == "cover"


def test_words_ask_by_lyrics_with_times_or_without(explorer: Explorer, ids: dict[str, int], tmp_path: Path) -> None:
    lines = explorer.catalogue.card(ids["Two Lamps"])["lyrics"].splitlines()
    (tmp_path / "plain.txt").write_text("\n".join(lines), "utf-8")
    (tmp_path / "timed.lrc").write_text(
        "[ar:Nobody]\n" + "".join(f"[00:{i:02d}.50]{line}\n" for i, line in enumerate(lines)), "utf-8"
    )
    session = explorer.session()
    plain, timed = (open_outside(session, str(tmp_path / name)) for name in ("plain.txt", "timed.lrc"))
    assert set(plain.vectors) == set(timed.vectors) == {Modality.LYRICS}
    np.testing.assert_array_equal(plain.vectors[Modality.LYRICS], timed.vectors[Modality.LYRICS])
    answer = explorer.similar_to_file(str(tmp_path / "timed.lrc"), count=1)
    assert answer.hits[0].track.id == ids["Two Lamps"]


def test_explains_from_either_side_as_similar_scores(explorer: Explorer, ids: dict[str, int], song: str) -> None:
    hits = explorer.similar_to_file(song, count=100).hits
    for hit in hits[::12]:
        why = explorer.explain(song, hit.track.id)
        assert (why.score, why.contributions) == (hit.score, hit.contributions)
        assert (why.a.id, why.a.path, why.b) == (0, song, hit.track)
        assert sum(pair.value for pair in why.pairs) + why.contributions["hub"] == pytest.approx(why.score, abs=1e-12)
        assert set(why.evidence) == why.a.modalities & why.b.modalities
    back = explorer.explain(ids["Two Lamps"], song)
    assert (back.b.id, back.b.title, "hub" in back.contributions) == (0, "Harbour Song", False)
    assert back.score == sum(back.contributions.values())
    both = explorer.explain(song, song)
    assert both.score == max(both.score, back.score)
    assert both.evidence["cover"]["same"] is True


def test_evidence_of_a_file_names_what_it_holds(explorer: Explorer, ids: dict[str, int], song: str) -> None:
    original = explorer.explain(ids["Harbour Song"], ids["Salt Wind"]).evidence
    facts = explorer.explain(song, ids["Salt Wind"]).evidence
    for name in ("audio", "lyrics", "tags", "cover"):
        assert facts[name] == original[name]
    assert [(s["kind"], s["name"]) for s in facts["graph"]["path"]] == [
        (s["kind"], s["name"]) for s in original["graph"]["path"]
    ]
    assert facts["graph"]["path"][0]["via"] is None
    back = explorer.explain(ids["Salt Wind"], song).evidence["graph"]["path"]
    assert [step["name"] for step in back] == [step["name"] for step in facts["graph"]["path"]][::-1]


def retagged(path: str, folder: Path, **values: str) -> str:
    """Copy a file and give it these tags alone."""
    copy = shutil.copy(path, folder / f"retagged{Path(path).suffix}")
    file = mutagen.File(copy, easy=True)
    for name in [*file, *values]:
        file[name] = values.get(name, "")
    file.save()
    return str(copy)


def test_graph_knows_a_file_by_its_artist_or_not_at_all(
    explorer: Explorer, ids: dict[str, int], song: str, tmp_path: Path
) -> None:
    [known] = explorer.catalogue.rows([ids["Afterhours"]])
    mine = retagged(song, tmp_path, artist=known.artist, title="New")
    answer = explorer.similar_to_file(mine, modality="graph", count=3)
    assert [hit.track.artist for hit in answer.hits] == [known.artist] * 3
    guest = retagged(song, tmp_path, artist="Marisol Vey & Paper Lanterns", title="New")
    found = explorer.similar_to_file(guest, modality="graph", count=8)
    # The library knows both, so the joint name is divided as it is for tracks.
    assert {"Marisol Vey", "Paper Lanterns"} <= {hit.track.artist for hit in found.hits}
    stranger = open_outside(explorer.session(), retagged(song, tmp_path, artist="Nobody Known", genre="zzz"))
    assert Modality.GRAPH not in stranger.vectors
    assert Modality.AUDIO in stranger.vectors


def png(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 99)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("noise.mp3", bytes(range(256)) * 64, "not audio"),
        ("empty.ogg", b"", "empty"),
        ("broken.jpg", b"\xff\xd8\xff\xe0 no more", "cannot be decoded|not a picture"),
        ("huge.png", png(60_000, 60_000), "megapixels"),
        ("large.png", png(9_000, 9_000), "too many"),
        ("arabic.txt", "نسم علينا الهوا من مفرق الوادي".encode(), "script"),
        ("blank.txt", b" \n\n", "no words"),
        ("binary.txt", b"\0\1\2words" * 50, "no words"),
        ("long.txt", b"word " * 60_000, "too much"),
    ],
    ids=lambda value: value if isinstance(value, str) else "data",
)
def test_what_cannot_be_asked_is_one_line_that_says_why(
    explorer: Explorer, tmp_path: Path, name: str, data: bytes, said: str
) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(IndexerError, match=said) as raised:
        explorer.similar_to_file(str(tmp_path / name))
    assert str(raised.value).startswith(str(tmp_path / name))
    assert "\n" not in str(raised.value)


def test_folders_pipes_and_closed_faders_say_why(explorer: Explorer, tmp_path: Path, song: str) -> None:
    with pytest.raises(IndexerError, match="folder"):
        explorer.similar_to_file(str(tmp_path))
    os.mkfifo(tmp_path / "pipe.mp3")
    with pytest.raises(IndexerError, match="not a file"):
        explorer.similar_to_file(str(tmp_path / "pipe.mp3"))
    with pytest.raises(IndexerError, match="turn up"):
        explorer.similar_to_file(song, faders={m.value: 0.0 for m in MODALITIES})


def test_cover_model_that_is_gone_is_named_unless_covers_are_not_asked(
    indexed_demo: Path, tmp_path: Path, song: str
) -> None:
    shutil.copytree(indexed_demo / "library", tmp_path / "library")
    with Store(tmp_path / "library") as store:
        store.set_fact("cover_model", str(tmp_path / "gone"))
        store.connection.execute("UPDATE vectors SET encoder = 'open-clip:gone@1' WHERE modality = 'cover'")
    other = Explorer(tmp_path / "library")
    with pytest.raises(IndexerError, match="--cover-model"):
        other.similar_to_file(song)
    assert other.similar_to_file(song, faders={"cover": 0.0}, count=1).hits[0].track.title == "Harbour Song"


def test_sound_that_cannot_be_decoded_leaves_the_tags(explorer: Explorer, song: str, tmp_path: Path) -> None:
    data = Path(song).read_bytes()
    tag_bytes = 10 + sum(byte << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    (tmp_path / "tags.mp3").write_bytes(data[:tag_bytes] + b"\0" * 4096)
    answer = explorer.similar_to_file(str(tmp_path / "tags.mp3"), count=1)
    assert "tags" in answer.hits[0].contributions
    assert "audio" not in answer.note.split(";")[0]
    assert ";" in answer.note


def test_asking_needs_no_torch(explorer: Explorer, song: str) -> None:
    code = (
        "import sys; from pathlib import Path; from indexer.explorer import Explorer\n"
        "if __name__ == '__main__':\n"
        f"    answer = Explorer(Path({str(explorer.catalogue.library)!r})).similar_to_file({song!r}, count=1)\n"
        "    assert answer.hits[0].track.title == 'Harbour Song'\n"
        "    print(sorted({'torch', 'sentence_transformers', 'librosa', 'open_clip'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=True)
    assert done.stdout.strip() == "[]"


def test_session_of_another_encoder_is_refused(explorer: Explorer, song: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexer.exploring.outside.AUDIO_ENCODER", "fairouz-audio@another")
    with pytest.raises(IndexerError, match=r"fairouz-audio@2.*index"):
        similar_to_file(explorer.session(), song, count=1)
