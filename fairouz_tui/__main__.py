"""Run the command line: `python -m fairouz_tui` and the `fairouz-tui` program."""

import sys


def main() -> None:
    """Run the command that was typed and exit with its code."""
    from fairouz_tui import opening

    arguments = sys.argv[1:]
    if opening.opens_explorer(arguments):
        sys.exit(opening.run(arguments))
    from fairouz_tui import cli

    sys.exit(cli.run(arguments))


if __name__ == "__main__":
    main()
