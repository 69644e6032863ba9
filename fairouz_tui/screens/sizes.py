"""Say how large a screen must be, and from where on it has room for more panes."""

NARROWEST, LOWEST = 60, 16
TWO_PANES, THREE_PANES = 80, 120
ROOMY = 24
"""Lower screens have no lines to spare around the list."""
ACROSS = [(0, "-tiny"), (NARROWEST, "-narrow"), (TWO_PANES, "-medium"), (THREE_PANES, "-wide")]
"""Classes of a screen from so many columns on."""
DOWN = [(0, "-short"), (LOWEST, "-low"), (ROOMY, "-tall")]
"""Classes of a screen from so many lines on."""
SMALL = f"fairouz needs at least {NARROWEST} × {LOWEST} cells.\nMake the window larger, or q to quit."
