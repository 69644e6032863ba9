"""Prove that tests press every key there is: what ran by a key is noted in each process, and judged at the end."""

from collections.abc import Callable, Coroutine, Iterable, Mapping
from contextvars import ContextVar
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from textual.app import App
from textual.dom import DOMNode

from fairouz_tui.config import Config
from fairouz_tui.places import all_keys

AskApp = Callable[..., Coroutine[Any, Any, bool]]
Pressed = tuple[str, str]
"""The name of a binding and the key that ran it."""

_key: ContextVar[tuple[str, bool] | None] = ContextVar("key", default=None)
"""The key that is being looked up, and whether among those that come before the widgets' own."""


class PressedKeys:
    """A plugin of pytest: which bindings ran, by which of their keys, because that was pressed in a running explorer.

    Only a run of all files of a folder can tell what no test in it presses; another says that it did not look.
    """

    def __init__(self, folder: Path = Path(__file__).parent) -> None:
        self._folder = folder
        self.noted: list[Pressed] = []
        self.whole = True
        self.concerned = False
        """Whether anything of the folder runs at all."""
        self.verdict = ""

    def start(self) -> None:
        """Note from now on what keys run."""
        App._check_bindings = _knowing_the_key(App._check_bindings)  # type: ignore[method-assign]
        App.run_action = _noting(App.run_action, self.noted)  # type: ignore[method-assign]

    @property
    def missing(self) -> list[str]:
        """Return the keys that nothing has pressed, as `place: name (key)`."""
        seen, known = set(self.noted), all_keys(Config())
        return [f"{key.place}: {key.id} ({one})" for key in known for one in key.keys if (key.id, one) not in seen]

    # What pytest calls, in the one process or in each worker

    def pytest_deselected(self, items: Iterable[pytest.Item]) -> None:
        """Know that some tests were left out."""
        if any(self._folder in item.path.parents for item in items):
            self.whole = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Know whether every file of the folder is to run; the process that hands tests to workers does not ask."""
        files = {item.path for item in session.items}
        named = any("::" in argument for argument in session.config.args)
        self.concerned = any(self._folder in file.parents for file in files)
        self.whole = self.whole and not named and files >= set(self._folder.rglob("test_*.py"))

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any, error: object) -> None:
        """Take in what a worker saw."""
        said = getattr(node, "workeroutput", {})
        self.noted += [(name, key) for name, key in said.get("pressed_keys", ())]
        self.whole = self.whole and said.get("all_collected", False)
        self.concerned = self.concerned or said.get("concerned", True)

    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        """Hand over what a worker saw; fail a whole run that left a key out."""
        output = getattr(session.config, "workeroutput", None)
        if output is not None:
            output.update(pressed_keys=sorted(set(self.noted)), all_collected=self.whole, concerned=self.concerned)
        elif not self.concerned:
            return
        elif not self.whole or exitstatus != pytest.ExitCode.OK:
            self.verdict = "not looked at: only a whole run that passes can tell"
        elif self.missing:
            self.verdict = "no test presses\n" + "\n".join(self.missing)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
        else:
            self.verdict = "all are pressed"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say what was found."""
        if self.verdict:
            terminalreporter.write_line(f"keys of the explorer: {self.verdict}")


def _knowing_the_key(check: AskApp) -> AskApp:
    @wraps(check)
    async def looked_up(app: App[Any], key: str, priority: bool = False) -> bool:
        token = _key.set((key, priority))
        try:
            return await check(app, key, priority)
        finally:
            _key.reset(token)

    return looked_up


def _noting(run: AskApp, noted: list[Pressed]) -> AskApp:
    @wraps(run)
    async def run_and_note(
        app: App[Any], action: Any, namespace: DOMNode | None = None, namespaces: Mapping[str, DOMNode] | None = None
    ) -> bool:
        pressed = _key.get()
        names = _names(app, pressed, action, namespace) if pressed is not None else []
        token = _key.set(None)  # what the action runs in turn was not bound to this key
        try:
            ran = await run(app, action, namespace, namespaces)
        finally:
            _key.reset(token)
        if ran:
            noted.extend(names)
        return ran

    return run_and_note


def _names(app: App[Any], pressed: tuple[str, bool], action: Any, namespace: DOMNode | None) -> list[Pressed]:
    """Return the names under which the key runs the action at this node, with the user's changes."""
    key, priority = pressed
    return [
        (binding.id, key)
        for node, bindings in app.screen._binding_chain
        for binding in bindings.key_to_bindings.get(key, ())
        if node is namespace and binding.action == action and binding.priority == priority and binding.id
    ]
