"""The page in a real browser: what it draws, finds and shows, and what hostile titles cannot do."""

import html
import json
import re
import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexer.errors import IndexerError
from indexer.explorer import Explorer
from indexer.exploring.answer import TrackRow
from indexer.maps.charts import Chart, open_chart
from indexer.maps.page import write_page

HOSTILE = "</script><script>document.title='broken in'</script><img src=x onerror=alert(1)>"

SCRIPT = """
<script>
const said = {title: document.title, requests: performance.getEntriesByType("resource").length};
const ink = pen.getImageData(0, 0, canvas.width, canvas.height).data.buffer;
said.inked = new Uint32Array(ink).filter(Boolean).length;
said.about = document.getElementById("about").textContent;
const rows = [...document.querySelectorAll("#legend button")];
said.legend = rows.map(row => [row.children[1].textContent, +row.children[2].textContent]);
const box = document.getElementById("search");
box.value = SEARCHED; box.dispatchEvent(new Event("input"));
said.found = document.getElementById("found").textContent;
const [x, y] = toScreen(HOVERED);
canvas.dispatchEvent(new PointerEvent("pointermove", {clientX: x / devicePixelRatio, clientY: y / devicePixelRatio}));
said.tip = document.getElementById("tip").children[0].textContent;
said.shown = getComputedStyle(document.getElementById("tip")).display;
canvas.dispatchEvent(new WheelEvent("wheel", {deltaY: -400, clientX: 500, clientY: 300}));
said.scale = view.scale;
document.querySelector("#legend button").click();
said.pressed = document.querySelector("#legend button").getAttribute("aria-pressed");
said.images = document.images.length;
document.body.setAttribute("data-said", JSON.stringify(said));
</script>
"""


def in_browser(page: Path, searched: str, hovered: int, tmp_path: Path) -> dict[str, Any]:
    """Open a page in Chromium, use it, and return what it showed."""
    script = SCRIPT.replace("SEARCHED", json.dumps(searched).replace("<", "\\u003c")).replace("HOVERED", str(hovered))
    used = tmp_path / "used.html"
    used.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{script}</body>"), encoding="utf-8")
    command = ["chromium", "--headless=new", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}"]
    command += ["--window-size=1000,700", "--dump-dom", used.as_uri()]
    dom = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True).stdout
    match = re.search(r'data-said="([^"]*)"', dom)
    assert match, dom[-2000:]
    said: dict[str, Any] = json.loads(html.unescape(match[1]))
    return said


def test_page_draws_finds_and_tells_in_a_browser(explorer: Explorer, tmp_path: Path) -> None:
    session = explorer.session()
    chart = open_chart(session)
    page = write_page(session, chart, tmp_path / "map", by="genre")
    assert page == tmp_path / "map.html"
    row = explorer.catalogue.rows([int(chart.ids[4])])[0]
    said = in_browser(page, row.artist.upper(), 4, tmp_path)
    assert said["about"] == "36 tracks · all modalities together"
    assert said["inked"] > 36 * 20
    assert said["requests"] == 0
    rows = explorer.catalogue.rows(chart.ids.tolist())
    same = sum(1 for other in rows if row.artist in f"{other.artist} {other.title} {other.album}")
    assert said["found"] == f"{same} tracks"
    assert (said["tip"], said["shown"]) == (row.title, "block")
    assert said["scale"] > 1
    assert said["pressed"] == "false"
    assert said["legend"]
    assert sum(count for _, count in said["legend"]) <= 36


def test_hostile_titles_are_text(explorer: Explorer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    session = explorer.session()
    rows = [TrackRow(i, "/secret/path", HOSTILE, "A\x07\u202e", "$&`${1}", 1999) for i in (1, 2, 3)]
    monkeypatch.setattr(type(session.catalogue), "rows", lambda *_: rows)
    places = np.array([[0, 0], [1, 1], [-1, -1]], np.float32)
    chart = Chart("joint", "pca", np.array([1, 2, 3]), places, np.zeros(3, np.int64), (HOSTILE,))
    page = write_page(session, chart, tmp_path / "map.html")
    text = page.read_text()
    assert "/secret" not in text
    assert HOSTILE not in text
    said = in_browser(page, "onerror=alert", 1, tmp_path)
    assert (said["title"], said["images"], said["found"]) == ("A map of music", 0, "3 tracks")
    assert said["tip"] == HOSTILE
    assert said["legend"][0][0] == HOSTILE


def test_page_that_cannot_be_written_says_why(explorer: Explorer, tmp_path: Path) -> None:
    chart = open_chart(explorer.session(), how="pca")
    with pytest.raises(IndexerError, match="cannot write"):
        write_page(explorer.session(), chart, tmp_path / "nowhere" / "map.html")
    assert list(tmp_path.iterdir()) == []
