"""Run the command line: `python -m fairouz_tui` and the `fairouz-tui` program."""

import sys


def main() -> None:
    """Run the command that was typed and exit with its code."""
    from fairouz_tui.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
