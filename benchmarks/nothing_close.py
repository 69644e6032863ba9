"""Measure how often "nothing close" is said of made-up words, and how often, wrongly, of real questions.

    python -m benchmarks.nothing_close LIBRARY...

The questions stand in nothing_close.json, those about sound in words_to_sound.json.
"""

import argparse
import json
import statistics
import time
from pathlib import Path

from indexer.explorer import Explorer

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("libraries", type=Path, nargs="+")
    groups = questions()
    print("| library | questions | nothing close | median near % | CPU ms |\n|---|---|---:|---:|---:|")
    for library in parser.parse_args().libraries:
        explorer = Explorer(library)
        explorer.prepare()
        for name, texts in groups.items():
            said, near, spent = asked(explorer, texts)
            print(f"| {library.name} | {name} | {said} of {len(texts)} | {near:.0f} | {spent:.1f} |")


def questions() -> dict[str, list[str]]:
    told = json.loads((HERE / "nothing_close.json").read_text())
    sounds = json.loads((HERE / "words_to_sound.json").read_text())["queries"]
    return {"made up": told["made up"], "topics": told["topics"], "sounds": [query["query"] for query in sounds]}


def asked(explorer: Explorer, texts: list[str]) -> tuple[int, float, float]:
    """Return of how many nothing close was said, the middle percentile of the best hits, and CPU ms a question."""
    said, near, spent = 0, [], []
    for text in texts:
        began = time.process_time()
        answer = explorer.search(text, count=20)
        spent.append(1000 * (time.process_time() - began))
        said += answer.nothing_close
        near.append(answer.hits[0].percentile or 0.0 if answer.hits else 0.0)
    return said, statistics.median(near), statistics.median(spent)


if __name__ == "__main__":
    main()
