"""What is banned comes up in no answer to a track, a mix or a path, and comes back when that is taken back."""

import shutil
from pathlib import Path

from indexer.explorer import Explorer
from indexer.exploring.answer import Answer
from indexer.exploring.feedback import BAN, LOVE, judge, judged


def test_banned_tracks_are_left_out_until_that_is_taken_back(indexed_demo: Path, tmp_path: Path) -> None:
    library = Path(shutil.copytree(indexed_demo / "library", tmp_path / "library"))
    explorer = Explorer(library)

    def answers() -> list[Answer]:
        return [
            explorer.similar(3, count=10),
            explorer.similar(3, count=10, modality="audio"),
            explorer.mix([3, 5], count=10),
            explorer.path([3, 20], count=8),
        ]

    before = answers()
    banned = {answer.hits[1].track.id for answer in before}
    for track_id in banned:
        judge(library, track_id, BAN)
    assert judged(explorer.catalogue.connection, BAN) == banned
    for answer, first in zip(answers(), before, strict=True):
        assert len(answer.hits) == len(first.hits)
        assert not banned & {hit.track.id for hit in answer.hits}
        kept = [hit for hit in first.hits if hit.track.id not in banned]
        assert first is before[3] or answer.hits[: len(kept)] == tuple(kept)
    assert explorer.similar(min(banned), count=5).hits
    for track_id in banned:
        judge(library, track_id, LOVE)
    assert judged(explorer.catalogue.connection, LOVE) == banned
    assert [answer.hits for answer in answers()] == [answer.hits for answer in before]
    judge(library, min(banned), None)
    assert judged(explorer.catalogue.connection, LOVE) == banned - {min(banned)}
