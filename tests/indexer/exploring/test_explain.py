"""Why: the same numbers as similar gives, terms that add up, and evidence that is true of the files."""

import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
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
    assert facts["playlists"] == {"shared": ["Evening walk"]}
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
