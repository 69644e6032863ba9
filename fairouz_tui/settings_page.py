"""Write the page of settings from the list of settings itself."""

import json
from pathlib import Path
from typing import Any

from fairouz_tui.settings import SETTINGS, Setting

HEAD = """\
# Settings

Press `S` in the explorer: every setting stands there with its value, and beside it what it means. `enter`, `←` and `→`
change it, `d` puts the default back. What is changed is kept in `config.toml` at once; what you wrote there yourself,
comments and order too, stays as it is. You can edit the file as well, also while the explorer is open: it takes the
change over within two seconds, and names the file and the key when something in it is wrong.

The file is `~/.config/fairouz-tui/config.toml` on Linux (`fairouz-tui doctor` prints where it is on yours), or
`config.toml` in the folder that `FAIROUZ_HOME` names. It need not exist: a setting that is not there has its default.
"""

FOOT = """\
## Other keys

`[keys]` gives commands other keys by their names, which [the page of keys](keys.md) and the help (`?`) list:

```toml
[keys]
play = "enter,p"
quit = "ctrl+x"
```

In the explorer it is easier: `S`, then `enter` on `keys` opens the page of keys. `enter` on a command waits for the new
key, `+` for one more, `d` puts the default back, `/` searches. A key that means something else where the command holds
is named before anything is kept. `ctrl+q` always quits and `ctrl+p` always opens the commands.

With `keys_profile = "plain"` no letter moves: the arrows, home, end and the paging keys do, `shift+↑` and `shift+↓`
move a track in the playlist, `f2` saves, `f3` searches, `f4` to `f9` open the screens and `f10` quits. The letters of
the commands (`m` more like this, `a` add, ...) stay.

## Themes and colours

Themes are chosen here or by the command `Theme` (`ctrl+p`). Each gives every modality its own colour; in
`fairouz-distinct` these are colours of Okabe and Ito. Text keeps a contrast of 4.5 : 1 to its ground in all themes,
7 : 1 in `fairouz-contrast`.

`colours = "16"` uses the sixteen colours that your terminal defines, on its own ground; a terminal that has no more
(`TERM=xterm`, the Linux console) gets them by itself. With `colours = "none"`, or with the variable `NO_COLOR` set, the
line under the cursor is reversed, so is the title of the pane that has the focus, marks are signs (`▶` plays, `✕` is
marked, `+` is in the playlist), and no covers are drawn.

## Screen readers

A terminal gives a screen reader text and a cursor, nothing else: no roles, no names of panes. What the explorer does
for it: `frames = false` leaves out the lines around panes, `reduced_motion = true` stops what moves by itself,
`images = "off"` leaves out covers, `colours = "none"` says with signs what colours said. Every key has a sentence that
says what it does (`?`), every notice is a full sentence, and every command of the command line prints plain lines, or
JSON with `--json`. What it cannot do: put the terminal's cursor on the chosen line (it is drawn, not the terminal's
own), or announce a change elsewhere on the screen. Where that is not enough, the command line reaches the same answers.
"""

TABLE = ("| setting | may be | default | means |", "|---|---|---|---|")


def settings_page() -> str:
    """Return the page of all settings, by section, in Markdown."""
    parts = [HEAD]
    for section in dict.fromkeys(setting.section for setting in SETTINGS):
        rows = [_row(setting) for setting in SETTINGS if setting.section == section]
        parts.append("\n".join([f"## {section}", "", *TABLE, *rows, ""]))
    return "\n".join([*parts, FOOT])


def _row(setting: Setting) -> str:
    later = "" if setting.at_once else " Holds from the next start on."
    default = json.dumps(_plain(setting.default), ensure_ascii=False)
    return f"| `{setting.name}` | {setting.allowed} | `{default}` | {setting.explanation}{later} |"


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):
        return [str(one) for one in value]
    return dict(value) if not isinstance(value, str | int | bool | Path) else value
