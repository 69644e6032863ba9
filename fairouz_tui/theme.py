"""Name the colours: turquoise, which is what Fairouz means, on night blue."""

from textual.theme import Theme

FAIROUZ = Theme(
    name="fairouz",
    primary="#4fc3b8",
    secondary="#7aa2f7",
    accent="#e6b566",
    warning="#e0945a",
    error="#e06c75",
    success="#9ccb7c",
    foreground="#d6dbe5",
    background="#10151c",
    surface="#161d27",
    panel="#1e2733",
    variables={
        "text-muted": "#8e9bad",
        "text-disabled": "#566373",
        "footer-key-foreground": "#e6b566",
        "footer-description-foreground": "#9aa7b8",
        "footer-background": "#10151c",
        "input-cursor-text-style": "reverse",
        "border": "#4fc3b8",
        "border-blurred": "#34424f",
    },
)
