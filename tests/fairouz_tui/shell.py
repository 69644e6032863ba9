"""The program with a library, as a script calls it; and what must hold of the tracks that it finds."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from fairouz_tui import cli
from models.modality import MODALITIES

HIT = {"id", "path", "title", "artist", "album", "score", "percentile", "contributions", "matched", "versions"}
NAMES = {m.value for m in MODALITIES} | {"hub", "words"}


class Shell:
    """The program with a library: what it prints, says and returns."""

    def __init__(self, library: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.library = library
        self._capsys = capsys

    def run(self, *arguments: str) -> tuple[int, str, str]:
        self._capsys.readouterr()
        code = cli.run([*arguments, "--library", str(self.library)])
        out, err = self._capsys.readouterr()
        return code, out, err

    def says(self, *arguments: str) -> str:
        code, out, err = self.run(*arguments)
        assert (code, err) == (0, "")
        return out

    def json(self, *arguments: str) -> Any:
        text = self.says(*arguments, "--json")
        assert text.isascii()
        return json.loads(text)

    def fails(self, code: int, *arguments: str) -> str:
        """Return the one line of an error; nothing else may be printed."""
        found, out, err = self.run(*arguments)
        assert (found, out) == (code, "")
        assert err.startswith("fairouz-tui: ")
        assert err.count("\n") == 1
        assert err.endswith("\n")
        return err


def check_hits(hits: list[dict[str, Any]]) -> None:
    assert hits
    for hit in hits:
        assert set(hit) >= HIT
        assert type(hit["id"]) is int
        assert os.path.isabs(hit["path"])
        assert os.path.isfile(hit["path"])
        assert all(type(hit[name]) is str for name in ("title", "artist", "album"))
        if hit["score"] is not None:
            assert type(hit["score"]) is float
            assert hit["score"] == sum(hit["contributions"].values())
            assert set(hit["contributions"]) <= NAMES
            assert all(type(value) is float for value in hit["contributions"].values())
        assert hit["percentile"] is None or 0 <= hit["percentile"] <= 100


def check_ranking(hits: list[dict[str, Any]]) -> None:
    check_hits(hits)
    scores = [hit["score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)
