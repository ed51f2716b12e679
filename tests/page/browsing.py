"""A browser as the tests see it; `browser_server` is at the other end."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

SERVER = Path(__file__).with_name("browser_server.py")


class Browser:
    """One page at a time in a headless Chromium."""

    def __init__(self, python: str, executable: str) -> None:
        self._process = subprocess.Popen(
            [python, str(SERVER), executable],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def _ask(self, do: str, **asked: object) -> Any:
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(json.dumps({"do": do, **asked}) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the browser has gone away"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer["value"]

    def open(
        self,
        file: Path,
        place: str = "",
        *,
        script: bool = True,
        width: int = 1200,
        height: int = 900,
        scheme: str = "light",
    ) -> None:
        """Open a file, at a place of it."""
        address = file.as_uri() + (f"#{place}" if place else "")
        self._ask("open", address=address, script=script, width=width, height=height, scheme=scheme)

    def evaluate(self, code: str, argument: object = None) -> Any:
        """What an expression of JavaScript is in the page."""
        return self._ask("evaluate", code=code, argument=argument)

    def click(self, selector: str) -> None:
        """Click the first element of a selector."""
        self._ask("click", selector=selector)

    def fill(self, selector: str, text: str) -> None:
        """Write into a field."""
        self._ask("fill", selector=selector, text=text)

    def choose(self, selector: str, text: str) -> None:
        """Choose an option."""
        self._ask("choose", selector=selector, text=text)

    def press(self, key: str) -> None:
        """Press a key."""
        self._ask("press", key=key)

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements of a selector that can be seen."""
        found: list[str] = self._ask("texts", selector=selector)
        return found

    def said(self) -> list[str]:
        """Messages of the console, errors, dialogs, and what was loaded since the page was opened."""
        found: list[str] = self._ask("said")
        return found

    def pdf(self, file: Path) -> None:
        """Print the page to a file."""
        self._ask("print", file=str(file))

    def close(self) -> None:
        """End the browser."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.close()
        self._process.wait(timeout=20)
        self._process.stdout.close()
