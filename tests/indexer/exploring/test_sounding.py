"""Words about the sound: which way they point, which tracks they find, and what is said of words that reach nothing."""

import numpy as np
import pytest

from indexer.explorer import Explorer
from indexer.exploring.sounding import (
    FILE,
    SOUND_LAMBDA,
    Asked,
    Lexicon,
    Sounds,
    asked_of,
    sounds_of,
)
from models.encoders.described import load_described
from models.encoders.likeness import ENOUGH, FEATURES, Likeness, cepstra, load_likeness

SCALES = load_described().scales


def towards(word: str, scale: str) -> float:
    asked = asked_of(word)
    assert asked is not None
    return float(asked.direction[SCALES.index(scale)])


def test_words_point_the_way_they_are_meant() -> None:
    assert towards("slow", "tempo_bpm") < -0.5 < 0.5 < towards("fast", "tempo_bpm")
    assert towards("quiet", "loudness_lufs") < -0.5 < 0.5 < towards("aggressive", "loudness_lufs")
    assert towards("dark", "brightness_hz") < -0.3
    assert towards("orchestral", "like classical") > 0.5 > towards("rap", "like classical")
    assert towards("sad", "tempo_bpm") < 0 < towards("happy", "tempo_bpm")


def test_names_and_idle_words_say_nothing() -> None:
    assert asked_of("Fairouz") is None
    assert asked_of("a song with the music") is None
    assert asked_of("") is None
    asked = asked_of("Fairouz slow")
    assert asked is not None
    assert asked.words == ("slow",)


def test_a_description_is_the_mean_of_its_words() -> None:
    slow, dark, both = (asked_of(text) for text in ("slow", "dark", "slow, DARK dark"))
    assert slow is not None
    assert dark is not None
    assert both is not None
    np.testing.assert_allclose(both.direction, (slow.direction + dark.direction) / 2)


@pytest.fixture
def sounds() -> Sounds:
    places = np.random.default_rng(3).uniform(-1, 1, (50, len(SCALES))).astype(np.float32)
    return Sounds(np.arange(0, 100, 2), places)


def test_terms_are_the_naive_mean_of_products_and_unknown_tracks_get_none(sounds: Sounds) -> None:
    asked = asked_of("slow dark acoustic")
    assert asked is not None
    terms = Lexicon(sounds, asked).terms([4, 5, 98])
    for term, row in ((terms[0], 2), (terms[2], 49)):
        naive = 0.0
        for place, direction in zip(sounds.places[row].tolist(), asked.direction.tolist(), strict=True):
            naive += SOUND_LAMBDA * place * direction / len(SCALES)
        assert term == pytest.approx(naive, abs=1e-12)
    assert terms[1] == 0.0
    assert Lexicon(sounds, asked).terms([4])[0] == terms[0]


def test_best_by_sound_are_those_with_the_largest_terms(sounds: Sounds) -> None:
    asked = asked_of("fast loud")
    assert asked is not None
    terms = Lexicon(sounds, asked).terms(sounds.ids.tolist())
    best = set(sounds.ids[np.argsort(-terms)[:10]].tolist())
    assert set(Lexicon(sounds, asked).best(count=10)) == best
    among = sounds.ids[::5]
    assert set(Lexicon(sounds, asked).best(count=3, among=among)) <= set(among.tolist())
    assert Lexicon(Sounds(np.zeros(0, np.int64), np.zeros((0, len(SCALES)), np.float32)), asked).best(count=3) == []


def test_measured_words_match_by_their_attribute_alone() -> None:
    asked = asked_of("slow")
    assert asked is not None
    places = np.zeros((3, len(SCALES)), np.float32)
    places[0, SCALES.index("tempo_bpm")] = -0.9
    places[1, SCALES.index("tempo_bpm")] = 0.9
    places[2] = -1
    places[2, SCALES.index("tempo_bpm")] = 0  # abstained
    assert Lexicon(Sounds(np.arange(3), places), asked).matched([0, 1, 2]) == [("slow",), (), ()]


def test_words_that_say_nothing_loud_enough_match_nothing() -> None:
    asked = Asked(np.zeros(len(SCALES)), (), np.zeros((0, len(SCALES))))
    places = np.ones((1, len(SCALES)), np.float32)
    assert Lexicon(Sounds(np.arange(1), places), asked).matched([0]) == [()]


def test_search_counts_the_description_to_the_sound_and_names_the_words(explorer: Explorer) -> None:
    answer = explorer.search("slow quiet qqxyzzy", count=20)
    sounds, asked = sounds_of(explorer.session()), asked_of("slow quiet")
    assert asked is not None
    terms = Lexicon(sounds, asked).terms([hit.track.id for hit in answer.hits])
    assert terms.max() > 0.05
    assert answer.unreached == ("qqxyzzy",)
    assert "qqxyzzy" in answer.note
    assert any(hit.matched.get("slow") == "sound" or hit.matched.get("quiet") == "sound" for hit in answer.hits)
    for hit in answer.hits:
        assert hit.score == sum(hit.contributions.values())
    faded = explorer.search("slow quiet", count=20, faders={"audio": 0.0})
    assert all("audio" not in hit.contributions for hit in faded.hits)


def test_words_in_the_tags_are_named_with_their_field(explorer: Explorer) -> None:
    row = explorer.catalogue.window(0, 1)[0]
    first = explorer.search(f"{row.artist} {row.title}", count=1).hits[0]
    assert set(first.matched.values()) >= {"artist", "title"}


def test_places_grow_back_and_are_made_anew_for_another_state(
    explorer: Explorer, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = explorer.session()
    file = explorer.catalogue.library / FILE
    made = sounds_of(session)
    for spoil in (file.unlink, lambda: file.write_bytes(b"no index")):
        spoil()
        session.heard = None
        again = sounds_of(session)
        np.testing.assert_array_equal(again.places, made.places)
        assert file.stat().st_size > 100
    assert made.places.min() >= -1
    assert made.places.max() <= 1
    monkeypatch.setattr(session, "mark", "another")
    session.heard = None
    file.write_bytes(file.read_bytes())
    np.testing.assert_array_equal(sounds_of(session).ids, made.ids)


def test_likeness_is_the_linear_model_on_features_standardised_within_the_library() -> None:
    from models.encoders.audio import DIMENSIONS
    from models.encoders.likeness import CEPSTRUM_MEANS, CEPSTRUM_SPREADS

    rng = np.random.default_rng(1)
    model = Likeness(("a", "b"), rng.normal(size=(FEATURES, 2)).astype(np.float32))
    vectors = rng.normal(size=(ENOUGH, DIMENSIONS)).astype(np.float32)
    scaled = vectors.copy()
    scaled[:, CEPSTRUM_MEANS] = scaled[:, CEPSTRUM_MEANS] * 3 + 1
    np.testing.assert_allclose(model.of_cepstra(cepstra(scaled)), model.of_cepstra(cepstra(vectors)), atol=1e-4)
    features = np.hstack([vectors[:, CEPSTRUM_MEANS], vectors[:, CEPSTRUM_SPREADS]]).astype(float)
    assert features.shape[1] == FEATURES
    few = model.of_cepstra(cepstra(vectors[:3]))
    np.testing.assert_allclose(few, features[:3] @ model.weights, atol=1e-5)
    assert set(load_likeness().genres) == {s.removeprefix("like ") for s in SCALES if s.startswith("like ")}
