"""Versions of one recording that answer a query share a row, but for what was asked for by name."""

import shutil
from pathlib import Path

import pytest

from indexer.explorer import Explorer
from indexer.exploring.answer import Answer, Hit
from indexer.exploring.folding import asked_deeper, folded
from tests.indexer.exploring.more_takes import add_takes

TAKES = {
    "live.mp3": {"title": "{title} (Live at Home)"},
    "new.mp3": {"title": "{title} - 2011 Remaster"},
    "best.mp3": {"title": "{title}", "album": "Golden Ximbara"},
    "remix.mp3": {"title": "{title} (Club Remix)"},
}


@pytest.fixture(scope="module")
def explorer(indexed_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Explorer:
    folder = tmp_path_factory.mktemp("folding")
    library = Path(shutil.copytree(indexed_demo / "library", folder / "library"))
    add_takes(library, folder / "more", TAKES)
    return Explorer(library)


@pytest.fixture(scope="module")
def title(explorer: Explorer) -> str:
    live = next(row for row in explorer.catalogue.window(0, 100) if row.path.endswith("live.mp3"))
    return live.title.partition(" (")[0]


def rows(answer: Answer) -> dict[str, set[str]]:
    """Return the files of the rows that have versions, or are takes, and those of their versions."""
    named = {_name(hit): {_name(version) for version in hit.versions} for hit in answer.hits}
    return {name: versions for name, versions in named.items() if versions or name in TAKES}


def _name(hit: Hit) -> str:
    return Path(hit.track.path).name


def test_a_title_finds_its_recording_once_by_words_and_as_it_is_typed(explorer: Explorer, title: str) -> None:
    plain = explorer.search(title, count=100)
    assert {"live.mp3", "new.mp3", "best.mp3", "remix.mp3"} <= set(map(_name, plain.hits))
    suggested = folded(explorer.catalogue.connection, explorer.catalogue.suggest(title), count=100)
    for answer in (explorer.search(title, count=100, fold_versions=True), suggested):
        found = rows(answer)
        (head, versions), *others = sorted(found.items(), key=lambda row: -len(row[1]))
        assert len(versions | {head}) == 4
        assert {"live.mp3", "new.mp3", "best.mp3"} <= versions | {head}
        assert others == [("remix.mp3", set())]
        scores = [hit.score or 0.0 for hit in answer.hits]
        assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize(("typed", "own"), [("live", "live.mp3"), ("remaster", "new.mp3"), ("ximbara", "best.mp3")])
def test_the_version_that_was_asked_for_is_not_under_another(
    explorer: Explorer, title: str, typed: str, own: str
) -> None:
    for text in (f"{title} {typed}", typed):
        assert own in rows(explorer.search(text, count=100, fold_versions=True))


def test_fields_alone_list_every_track(explorer: Explorer, title: str) -> None:
    text = f'title:"{title}"'
    assert explorer.search(text, fold_versions=True).hits == explorer.search(text).hits
    assert len(explorer.search(text).hits) == 5


@pytest.mark.parametrize("count", [1, 2, 10, 30])
def test_there_are_as_many_rows_as_were_wanted(explorer: Explorer, title: str, count: int) -> None:
    answer = explorer.search(title, count=count, fold_versions=True)
    assert len(answer.hits) == count
    everything = folded(explorer.catalogue.connection, explorer.search(title, count=100), count=100)
    assert [hit.track.id for hit in answer.hits] == [hit.track.id for hit in everything.hits[:count]]


def test_it_is_asked_for_more_only_while_rows_are_wanting(explorer: Explorer, title: str) -> None:
    depths: list[int] = []

    def ask(depth: int) -> Answer:
        depths.append(depth)
        return explorer.search(title, count=depth)

    asked_deeper(ask, explorer.catalogue.connection, count=100)
    assert depths == [100]
    asked_deeper(ask, explorer.catalogue.connection, count=4)
    assert depths[1] == 4 < depths[-1]
