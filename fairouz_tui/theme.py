"""Name the colours: turquoise, which is what Fairouz means, on night blue; and the themes beside it.

Each theme gives the modalities their own variables ($audio, $lyrics, ...): a bar, a cell and a name of one modality
have one colour everywhere.
"""

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
        "audio": "#4fc3b8",
        "lyrics": "#7aa2f7",
        "tags": "#9ccb7c",
        "cover": "#e6b566",
        "graph": "#c792ea",
        "playlists": "#f07178",
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

LIGHT = Theme(
    name="fairouz-light",
    dark=False,
    primary="#00695f",
    secondary="#2456b0",
    accent="#8a4b00",
    warning="#8f3f00",
    error="#b3202c",
    success="#2f6a12",
    foreground="#1b242d",
    background="#f8f6f0",
    surface="#f1eee5",
    panel="#e7e3d7",
    variables={
        "audio": "#00695f",
        "lyrics": "#2456b0",
        "tags": "#2f6a12",
        "cover": "#8a4b00",
        "graph": "#7a2ea8",
        "playlists": "#b3202c",
        "text-muted": "#54606c",
        "text-disabled": "#8b949c",
        "footer-key-foreground": "#8a4b00",
        "footer-description-foreground": "#45515d",
        "footer-background": "#f8f6f0",
        "input-cursor-text-style": "reverse",
        "border": "#00695f",
        "border-blurred": "#c3bfb2",
    },
)

CONTRAST = Theme(
    name="fairouz-contrast",
    primary="#00ffe5",
    secondary="#8fb8ff",
    accent="#ffd000",
    warning="#ffb057",
    error="#ff8f8f",
    success="#7dff5c",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#1a1a1a",
    variables={
        "audio": "#00ffe5",
        "lyrics": "#8fb8ff",
        "tags": "#7dff5c",
        "cover": "#ffd000",
        "graph": "#f0a0ff",
        "playlists": "#ff8f8f",
        "text-muted": "#d8d8d8",
        "text-disabled": "#a8a8a8",
        "footer-key-foreground": "#ffd000",
        "footer-description-foreground": "#ffffff",
        "footer-background": "#000000",
        "input-cursor-text-style": "reverse",
        "border": "#ffd000",
        "border-blurred": "#a8a8a8",
    },
)

# The eight colours of Okabe and Ito (2008), https://jfly.uni-koeln.de/color/, which all common kinds of colour-blind
# eyes tell apart; their blue is too dark for a dark ground and is left out.
ORANGE, SKY_BLUE, BLUISH_GREEN = "#e69f00", "#56b4e9", "#009e73"
YELLOW, VERMILLION, REDDISH_PURPLE = "#f0e442", "#d55e00", "#cc79a7"

DISTINCT = Theme(
    name="fairouz-distinct",
    primary=SKY_BLUE,
    secondary=YELLOW,
    accent=ORANGE,
    warning=ORANGE,
    error=VERMILLION,
    success=BLUISH_GREEN,
    foreground="#e6e8ea",
    background="#0e1116",
    surface="#151a21",
    panel="#1f2630",
    variables={
        "audio": SKY_BLUE,
        "lyrics": YELLOW,
        "tags": BLUISH_GREEN,
        "cover": ORANGE,
        "graph": REDDISH_PURPLE,
        "playlists": VERMILLION,
        "text-muted": "#9aa4b0",
        "text-disabled": "#5f6975",
        "footer-key-foreground": ORANGE,
        "footer-description-foreground": "#a5afbb",
        "footer-background": "#0e1116",
        "input-cursor-text-style": "reverse",
        "border": SKY_BLUE,
        "border-blurred": "#3a4450",
    },
)

TERMINAL = Theme(
    name="fairouz-terminal",
    ansi=True,
    primary="ansi_bright_blue",
    secondary="ansi_cyan",
    accent="ansi_magenta",
    warning="ansi_red",
    error="ansi_bright_red",
    success="ansi_green",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "audio": "ansi_cyan",
        "lyrics": "ansi_bright_blue",
        "tags": "ansi_green",
        "cover": "ansi_yellow",
        "graph": "ansi_magenta",
        "playlists": "ansi_red",
        "ansi-background": "ansi_black",
        "ansi-foreground": "ansi_white",
        "text-muted": "ansi_default",
        "text-disabled": "ansi_default",
        "border": "ansi_bright_blue",
        "border-blurred": "ansi_default",
        "block-cursor-foreground": "ansi_black",
        "block-cursor-background": "ansi_cyan",
        "block-hover-background": "ansi_default",
        "footer-key-foreground": "ansi_magenta",
        "input-cursor-text-style": "reverse",
        "input-selection-background": "ansi_cyan",
        "input-selection-foreground": "ansi_black",
        "screen-selection-background": "ansi_cyan",
        "screen-selection-foreground": "ansi_black",
        "scrollbar": "ansi_cyan",
        "scrollbar-hover": "ansi_cyan",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
    },
)
"""The terminal's own sixteen colours on its own ground; also what is drawn where there are to be none.

The ground may be black or white: what must be read is drawn in bright blue, magenta and red, which stand out on both.
"""

CHOOSABLE = (FAIROUZ, LIGHT, CONTRAST, DISTINCT)
