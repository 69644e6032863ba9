import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.dataset import UNKNOWN, load_dataset
from models.errors import ModelError
from models.modality import Modality

TRACKS: list[dict[str, Any]] = [
    {"id": "a", "title": "One", "artist": "X", "album": "P", "genres": ["rock"], "positives": ["b"]},
    {
        "id": "b",
        "title": "one",
        "artist": "x",
        "album": "Q",
        "genres": [],
        "positives": ["a", "gone"],
        "negatives": ["c"],
    },
    {"id": "c", "artist": "Y"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "tracks.jsonl").write_text("\n".join(json.dumps(track) for track in TRACKS), "utf-8")
    np.save(tmp_path / "audio.npy", np.arange(12, dtype=np.float32).reshape(3, 4))
    np.save(tmp_path / "cover.npy", np.ones((3, 2), np.float16))
    mask = np.zeros((3, 6), np.bool_)
    mask[:, 0] = mask[0, 3] = True
    np.save(tmp_path / "mask.npy", mask)
    return tmp_path


def test_reads_our_folder(folder: Path) -> None:
    data = load_dataset(folder)
    assert data.ids == ("a", "b", "c")
    assert data.artists.tolist() == [0, 0, 1]
    assert data.titles[0] == data.titles[1] != data.titles[2]
    assert data.albums.tolist() == [0, 1, UNKNOWN]
    assert [rows.tolist() for rows in data.positives] == [[1], [0], []]
    assert [rows.tolist() for rows in data.negatives] == [[], [2], []]
    assert data.present[:, 3].tolist() == [True, False, False]
    assert isinstance(data.x[Modality.AUDIO], np.memmap)


def test_reads_the_published_folder(tmp_path: Path) -> None:
    ids = ["p", "q"]
    (tmp_path / "id_to_track_mapping.json").write_text(json.dumps({str(i): name for i, name in enumerate(ids)}))
    track = {"track_title": "T", "artist_name": "A", "album_name": "B", "genres": ["pop"]}
    (tmp_path / "tracks.json").write_text(json.dumps({name: track for name in reversed(ids)}))
    pairs = {"p": {"positives": ["q", "q"], "negatives": []}, "q": {"positives": [], "negatives": ["p"]}}
    (tmp_path / "positives_and_negatives.json").write_text(json.dumps(pairs))
    np.save(tmp_path / "text_np.npy", np.array([[0.0, 0.0], [1.0, 0.0]]))
    np.save(tmp_path / "audio_unit_np.npy", np.ones((2, 3)))
    data = load_dataset(tmp_path)
    assert data.present[:, 1].tolist() == [False, True]
    assert data.present[:, 0].all()
    assert [rows.tolist() for rows in data.positives] == [[1], []]
    assert data.modalities() == (Modality.AUDIO, Modality.LYRICS)


def test_takes_rows_and_drops_pairs_that_leave(folder: Path) -> None:
    data = load_dataset(folder)
    taken = data.take(np.array([2, 0]))
    assert taken.ids == ("c", "a")
    assert [rows.tolist() for rows in data.take(np.array([2, 1])).negatives] == [[], [0]]
    assert [rows.tolist() for rows in taken.positives] == [[], []]
    assert taken.x[Modality.AUDIO][1].tolist() == [0, 1, 2, 3]
    assert data.without([Modality.COVER]).modalities() == (Modality.AUDIO,)


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "tracks.jsonl").unlink(),
        lambda folder: (folder / "tracks.jsonl").write_text("{"),
        lambda folder: (folder / "tracks.jsonl").write_text("[1]\n[2]\n[3]\n"),
        lambda folder: (folder / "tracks.jsonl").write_text('{"id": 1}\n{"id": 1}\n{"id": 2}\n'),
        lambda folder: np.save(folder / "audio.npy", np.ones((2, 4))),
        lambda folder: np.save(folder / "audio.npy", np.ones(3)),
        lambda folder: np.save(folder / "audio.npy", np.array([[{}], [1], [2]], dtype=object), allow_pickle=True),
        lambda folder: (folder / "audio.npy").write_bytes(b"\x93NUMPY"),
        lambda folder: np.save(folder / "mask.npy", np.ones((3, 2), np.bool_)),
        lambda folder: [(folder / f"{name}.npy").unlink() for name in ("audio", "cover")],
    ],
)
def test_damage_is_one_clear_error(folder: Path, damage: Any) -> None:
    damage(folder)
    with pytest.raises(ModelError) as raised:
        load_dataset(folder)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04junk", b"\x93NUMPY\x01\x00"])
@pytest.mark.parametrize("name", ["audio.npy", "mask.npy"])
def test_files_that_are_cut_off_are_one_clear_error(folder: Path, name: str, content: bytes) -> None:
    (folder / name).write_bytes(content)
    with pytest.raises(ModelError):
        load_dataset(folder)


@pytest.mark.parametrize("key", ["genres", "positives", "negatives"])
def test_a_word_where_a_list_belongs_is_refused(folder: Path, key: str) -> None:
    tracks = [TRACKS[0] | {key: "rock"}, *TRACKS[1:]]
    (folder / "tracks.jsonl").write_text("\n".join(map(json.dumps, tracks)))
    with pytest.raises(ModelError, match="no list"):
        load_dataset(folder)
