"""One command a file; each module is light to import and reaches heavy things when it runs."""

from inspect import getdoc
from typing import TYPE_CHECKING

from fairouz_tui.commands.demo import demo
from fairouz_tui.commands.doctor import doctor
from fairouz_tui.commands.encoders import encoders
from fairouz_tui.commands.evaluate import evaluate
from fairouz_tui.commands.explain import explain
from fairouz_tui.commands.graph import graph
from fairouz_tui.commands.index import index
from fairouz_tui.commands.map import map_
from fairouz_tui.commands.mix import mix
from fairouz_tui.commands.path import path
from fairouz_tui.commands.playlist import playlist
from fairouz_tui.commands.roots import prune, roots
from fairouz_tui.commands.search import search
from fairouz_tui.commands.similar import similar
from fairouz_tui.commands.spaces import spaces
from fairouz_tui.commands.stats import stats
from fairouz_tui.commands.train import SETTINGS, train

if TYPE_CHECKING:
    import typer


def register(app: "typer.Typer") -> None:
    """Add every command to the program, in the order in which help lists them."""
    for command in (demo, index, roots, prune, search, similar, explain, mix, path, playlist, graph, stats, doctor):
        app.command()(command)
    app.command("map")(map_)
    app.command(context_settings=SETTINGS)(train)
    app.command()(evaluate)
    app.add_typer(spaces, name="spaces")
    app.add_typer(encoders, name="encoders")
    for group in (app, spaces, encoders):
        for one in (*group.registered_commands, group.registered_callback):
            if one is not None:
                one.help = _help(one.callback)


def _help(command: object) -> str | None:
    """Return a command's docstring for the help, each example on a line of its own: a broken one cannot be copied."""
    said = getdoc(command)
    return said and said.replace("\n\nExample", "\n\n\b\nExample")
