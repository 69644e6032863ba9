"""Name the colours: turquoise, which is what Fairouz means, on night blue; and the themes beside it.

Each theme gives the modalities their own variables ($audio, $lyrics, ...): a bar, a cell and a name of one modality
have one colour everywhere.
"""

from textual.theme import Theme


def _theme(
    name: str,
    *,
    ground: tuple[str, str, str],
    text: tuple[str, str, str],
    keys: str,
    rims: tuple[str, str],
    modalities: tuple[str, str, str, str, str, str],
    warning: str,
    error: str,
    dark: bool = True,
) -> Theme:
    """Make a theme of the colours that differ; each is "#rrggbb".

    `ground` is that of the screen, of lists and of panels; `text` is plain, muted and disabled; `keys` what the key
    line says of keys; `rims` are of the pane in use and of the others; `modalities` in their order: the first four are
    the colours of everything else as well.
    """
    audio, lyrics, tags, cover, graph, playlists = modalities
    return Theme(
        name=name,
        dark=dark,
        primary=audio,
        secondary=lyrics,
        accent=cover,
        warning=warning,
        error=error,
        success=tags,
        foreground=text[0],
        background=ground[0],
        surface=ground[1],
        panel=ground[2],
        variables={
            "audio": audio,
            "lyrics": lyrics,
            "tags": tags,
            "cover": cover,
            "graph": graph,
            "playlists": playlists,
            "text-muted": text[1],
            "text-disabled": text[2],
            "footer-key-foreground": cover,
            "footer-description-foreground": keys,
            "footer-background": ground[0],
            "input-cursor-text-style": "reverse",
            "border": rims[0],
            "border-blurred": rims[1],
        },
    )


FAIROUZ = _theme(
    "fairouz",
    ground=("#10151c", "#161d27", "#1e2733"),
    text=("#d6dbe5", "#8e9bad", "#566373"),
    keys="#9aa7b8",
    rims=("#4fc3b8", "#34424f"),
    modalities=("#4fc3b8", "#7aa2f7", "#9ccb7c", "#e6b566", "#c792ea", "#f07178"),
    warning="#e0945a",
    error="#e06c75",
)

LIGHT = _theme(
    "fairouz-light",
    ground=("#f8f6f0", "#f1eee5", "#e7e3d7"),
    text=("#1b242d", "#54606c", "#8b949c"),
    keys="#45515d",
    rims=("#00695f", "#c3bfb2"),
    modalities=("#00695f", "#2456b0", "#2f6a12", "#8a4b00", "#7a2ea8", "#b3202c"),
    warning="#8f3f00",
    error="#b3202c",
    dark=False,
)

CONTRAST = _theme(
    "fairouz-contrast",
    ground=("#000000", "#000000", "#1a1a1a"),
    text=("#ffffff", "#d8d8d8", "#a8a8a8"),
    keys="#ffffff",
    rims=("#ffd000", "#a8a8a8"),
    modalities=("#00ffe5", "#8fb8ff", "#7dff5c", "#ffd000", "#f0a0ff", "#ff8f8f"),
    warning="#ffb057",
    error="#ff8f8f",
)

# The eight colours of Okabe and Ito (2008), https://jfly.uni-koeln.de/color/, which all common kinds of colour-blind
# eyes tell apart; their blue is too dark for a dark ground and is left out.
ORANGE, SKY_BLUE, BLUISH_GREEN = "#e69f00", "#56b4e9", "#009e73"
YELLOW, VERMILLION, REDDISH_PURPLE = "#f0e442", "#d55e00", "#cc79a7"

DISTINCT = _theme(
    "fairouz-distinct",
    ground=("#0e1116", "#151a21", "#1f2630"),
    text=("#e6e8ea", "#9aa4b0", "#5f6975"),
    keys="#a5afbb",
    rims=(SKY_BLUE, "#3a4450"),
    modalities=(SKY_BLUE, YELLOW, BLUISH_GREEN, ORANGE, REDDISH_PURPLE, VERMILLION),
    warning=ORANGE,
    error=VERMILLION,
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
