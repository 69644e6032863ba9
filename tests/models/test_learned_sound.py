"""The trial of a learned sound encoder: its changes of sound, its folds, its loss, what it counts."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from models.encoders.spectrogram import SAMPLE_RATE
from tests.indexer.reading.audio_files import make_audio
from tests.models.scripts import load_script

sound = load_script("changed_sound")
views = load_script("sound_views")
learned = load_script("learned_sound")
trial = load_script("try_learned_sound")
SECOND = SAMPLE_RATE


def sine(hz: float, *, seconds: float = 2.0) -> NDArray[np.float32]:
    return (0.3 * np.sin(2 * np.pi * hz * np.arange(round(seconds * SECOND)) / SECOND)).astype(np.float32)


def loudest_hz(signal: NDArray[np.float32]) -> float:
    return float(np.abs(np.fft.rfft(signal)).argmax() * SECOND / signal.size)


def test_every_change_keeps_length_and_type_and_is_repeatable() -> None:
    rng = np.random.default_rng(0)
    piece = rng.uniform(-0.5, 0.5, 3 * SECOND).astype(np.float32)
    for change in [*views.TESTS.values(), *(sound.drawn(rng) for _ in range(20))]:
        for samples in (SECOND, 4 * SECOND):
            heard = sound.changed(piece, change, samples=samples, seed=1)
            assert heard.shape == (samples,)
            assert heard.dtype == np.float32
            assert np.abs(heard).max() <= 1.0
            assert heard.std() > 0.01
        np.testing.assert_array_equal(heard, sound.changed(piece, change, samples=samples, seed=1))


def test_no_change_is_the_sound_itself_and_nothing_is_silence() -> None:
    piece = sine(440)
    np.testing.assert_array_equal(sound.changed(piece, sound.Change(), samples=SECOND), piece[:SECOND])
    np.testing.assert_array_equal(sound.changed(piece, sound.Change(), samples=3 * SECOND)[-SECOND:], piece[:SECOND])
    assert not sound.changed(np.zeros(0, np.float32), views.TESTS["pitch +1"], samples=100).any()


def test_pitch_and_tempo_change_apart() -> None:
    up = sound.changed(sine(440), sound.Change(semitones=1.0), samples=SECOND)
    assert loudest_hz(up) == pytest.approx(440 * 2 ** (1 / 12), abs=3)
    fast = sound.changed(sine(440), sound.Change(tempo=1.25), samples=SECOND)
    assert loudest_hz(fast) == pytest.approx(440, abs=3)
    bursts = np.tile(np.concatenate([sine(440, seconds=0.1), np.zeros(4 * SECOND // 10, np.float32)]), 12)
    for change, seconds in ((sound.Change(tempo=1.25), 0.4), (sound.Change(semitones=1.0), 0.5)):
        level = np.abs(sound.changed(bursts, change, samples=4 * SECOND)).reshape(-1, SECOND // 50).mean(axis=1)
        lags = np.arange(15, 30)
        repeats = [float(np.corrcoef(level[:-lag], level[lag:])[0, 1]) for lag in lags]
        assert lags[int(np.argmax(repeats))] / 50 == pytest.approx(seconds, abs=0.03)


def test_level_noise_and_codec_do_what_they_say() -> None:
    piece = sine(440)
    quiet = sound.changed(piece, sound.Change(gain_db=-6.0), samples=piece.size)
    np.testing.assert_allclose(quiet, piece * 10 ** (-6 / 20), atol=1e-6)
    noise = sound.changed(piece, sound.Change(noise_db=20.0), samples=piece.size, seed=3) - piece
    assert 20 * math.log10(piece.std() / noise.std()) == pytest.approx(20, abs=0.2)
    for codec in sound.CODECS:
        lossy = sound.through_codec(piece, codec=codec, kilobits=64)
        assert lossy.shape == piece.shape
        assert loudest_hz(lossy) == pytest.approx(440, abs=1)
        assert not np.array_equal(lossy, piece)


def connected(names: list[list[str]]) -> list[set[int]]:
    """Walk from each track over shared names, the naive way."""
    reached = []
    for start in range(len(names)):
        seen = {start}
        while more := {b for a in seen for b in range(len(names)) if set(names[a]) & set(names[b])} - seen:
            seen |= more
        reached.append(seen)
    return reached


def test_nobody_is_in_two_folds() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        names = [[str(n) for n in rng.integers(12, size=rng.integers(3))] for _ in range(25)]
        group = views.linked(names)
        assert [set(np.flatnonzero(group == group[row]).tolist()) for row in range(25)] == connected(names)
        tracks = [views.Track("library", Path(str(row)), "", "", tuple(own)) for row, own in enumerate(names)]
        folds = trial.folds_of(tracks, seed=0)
        assert all(len(set(folds[sorted(together)])) == 1 for together in connected(names))


def test_credits_share_their_people(tmp_path: Path) -> None:
    assert views.people("Ozone & Krob (Max)") == ["ozone", "krob", "max"]
    assert views.people("The Sandwich Band") == ["the sandwich band"]
    labels = tmp_path / "labels.csv"
    labels.write_text("path,artist,note,source\na,A & B,,x\nb,b,,x\nc,,,x\nd,,piece:p,y\ne,E,piece:p,z\n")
    tracks = views.labelled(tmp_path, labels)
    assert views.linked([track.names for track in tracks]).tolist() == [0, 0, 2, 3, 3]
    assert [track.piece for track in tracks] == ["", "", "", "piece:p", "piece:p"]


def nt_xent(first: torch.Tensor, second: torch.Tensor, temperature: float) -> float:
    """Follow the definition (Chen et al. 2020, equation 1) in loops."""
    rows = [row / row.norm() for row in (*first, *second)]
    count = len(first)
    total = 0.0
    for i in range(2 * count):
        partner = (i + count) % (2 * count)
        others = sum(math.exp(float(rows[i] @ rows[k]) / temperature) for k in range(2 * count) if k != i)
        total -= math.log(math.exp(float(rows[i] @ rows[partner]) / temperature) / others)
    return total / (2 * count)


class Recorded(torch.nn.Module):
    """Answer what it is given, and keep it."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = torch.nn.Parameter(torch.ones(1))
        self.given: list[torch.Tensor] = []

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        self.given.append(inputs)
        answer: torch.Tensor = inputs * self.weight
        return answer


def test_a_step_is_nt_xent_of_two_different_views(monkeypatch: pytest.MonkeyPatch) -> None:
    values = torch.randn(5, 3, 4, generator=torch.Generator().manual_seed(0))
    lesson = learned.Lesson(values, torch.zeros(5, 3, 1, 1), torch.arange(5))
    model, losses, drawn = Recorded(), [], []
    inner = learned.supervised_contrastive

    def draw(rows: torch.Tensor, view: torch.Tensor) -> torch.Tensor:
        drawn.append((rows, view))
        return values[rows, view]

    def keeping(embeddings: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = inner(embeddings, labels, temperature=0.1)
        losses.append(loss.detach())
        return loss

    monkeypatch.setattr(learned, "supervised_contrastive", keeping)
    learned.learn(model, draw, lesson, rate=1e-3, steps=3, seed=0)
    for step in range(3):
        (rows, left), (same_rows, right) = drawn[2 * step : 2 * step + 2]
        assert torch.equal(rows, same_rows)
        assert (left != right).all()
        naive = nt_xent(model.given[2 * step], model.given[2 * step + 1], 0.1)
        assert losses[step].item() == pytest.approx(naive, rel=1e-4)


def lesson_of_noise(tracks: int = 60, width: int = 20) -> tuple[object, NDArray[np.float32], NDArray[np.float32]]:
    """Give views that agree in five numbers out of twenty, and two more views of tracks that are not among them."""
    rng = np.random.default_rng(0)
    strength = np.where(np.arange(width) < 5, 0.02, 1.0)

    def seen(count: int, each: int) -> NDArray[np.float32]:
        own = rng.standard_normal((count, 1, width)) * (np.arange(width) < 5)
        return np.asarray(own + strength * rng.standard_normal((count, each, width)), np.float32)

    new = seen(40, 2)
    empty = torch.zeros(tracks, 8, 1, 1)
    return learned.Lesson(torch.from_numpy(seen(tracks, 8)), empty, torch.arange(tracks)), new[:, 0], new[:, 1]


def found_again(embed: object, first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    assert callable(embed)
    left, right = (rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in (embed(first, []), embed(second, [])))
    return float(np.mean((left @ right.T).argmax(axis=1) == np.arange(len(left))))


def test_what_is_learned_finds_new_tracks_again_where_the_descriptor_does_not() -> None:
    lesson, first, second = lesson_of_noise()
    assert found_again(learned.as_it_is(lesson, 0), first, second) < 0.5
    assert found_again(learned.whitened_within_tracks(lesson, 0), first, second) > 0.75
    assert found_again(learned.head(learned.linear_head, rate=1e-2, steps=300)(lesson, 0), first, second) > 0.75


def test_network_takes_any_length_and_keeps_its_gradient_in_silence() -> None:
    network = learned.SoundNetwork()
    for frames in (32, 128, 215):
        assert network(torch.zeros(2, frames, views.MEL_BANDS)).shape == (2, learned.EMBEDDING)
    network(torch.zeros(2, 64, views.MEL_BANDS)).sum().backward()
    assert all(torch.isfinite(weight.grad).all() for weight in network.parameters())


def test_what_is_heard_is_kept_and_what_is_no_sound_is_said(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    make_audio(tmp_path / "a" / "one.flac", seconds=3)
    (tmp_path / "a" / "notes.mp3").write_text("no sound")
    tracks, said = views.by_folder(tmp_path), list[str]()
    heard = views.hear(tracks, tmp_path / "work", say=said.append)
    assert [track.path.name for track in heard] == ["one.flac"]
    assert len(said) == 1
    assert "notes.mp3" in said[0]
    one = next(iter(heard.values()))
    assert one.view_descriptors.shape == (views.VIEWS, *one.descriptor.shape)
    assert one.view_mels.shape[0] == views.VIEWS
    assert one.test_mels.shape == (len(views.TESTS), *one.mel.shape)
    assert one.mel.shape[1] == views.MEL_BANDS
    again = next(iter(views.hear(tracks[-1:], tmp_path / "work", say=said.append).values()))
    np.testing.assert_array_equal(again.view_mels, one.view_mels)


def test_gain_says_nothing_in_the_log_mel() -> None:
    power = np.random.default_rng(0).uniform(0.001, 1, (20, 1025)).astype(np.float32)
    np.testing.assert_allclose(views.log_mel(power), views.log_mel(power / 100), atol=0.02)


def test_questions_are_counted_as_a_loop_counts_them() -> None:
    rng = np.random.default_rng(2)
    artists = ["a", "a", "b", "b", "b", "", "", "OpenMSX (x)", "OpenMSX (x)", "c"]
    pieces = ["", "", "", "", "", "", "", "piece:1", "piece:1", ""]
    tracks = [views.Track("library", Path(str(k)), artists[k], pieces[k], (artists[k],)) for k in range(10)]
    near = rng.standard_normal((10, 10)).astype(np.float32)
    asked = np.array([True] * 4 + [False] + [True] * 5)
    found = rng.standard_normal((len(views.TESTS), int(asked.sum()), 10)).astype(np.float32)
    figures = {name: np.full(10, np.nan) for name in trial.FIGURES}
    trial.ask(figures, tracks, np.arange(10), asked, near, found)
    for row in range(10):
        others = [k for k in range(10) if k != row]
        nearest = max(others, key=lambda k: near[row, k])
        artist_known = artists[row] in ("a", "b")
        expected = float(artists[nearest] == artists[row]) if asked[row] and artist_known else math.nan
        np.testing.assert_equal(figures["P@1"][row], expected)
        unheard = max((k for k in others if asked[k]), key=lambda k: near[row, k])
        expected = float(artists[unheard] == artists[row]) if asked[row] and artist_known else math.nan
        np.testing.assert_equal(figures["P@1 unheard"][row], expected)
        np.testing.assert_equal(figures["piece P@1"][row], float(nearest in (7, 8)) if pieces[row] else math.nan)
    for test, name in enumerate(views.TESTS):
        for place, row in enumerate(np.flatnonzero(asked).tolist()):
            assert figures[name][row] == (found[test, place].argmax() == row)
