"""Pages that several tests look at, and a browser to look at them with."""

from __future__ import annotations

import importlib.util
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from browsing import Browser

from rfcalc.cli.main import main


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium, driven by a Python that has playwright: this one, or one that is named."""
    python = os.environ.get("RFCALC_BROWSER_PYTHON", "")
    if not python and importlib.util.find_spec("playwright") is None:
        pytest.skip("playwright is not installed, and RFCALC_BROWSER_PYTHON names no Python that has it")
    executable = next(
        filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
    )
    if executable is None:
        pytest.skip("there is no Chromium on the path")
    found = Browser(python or sys.executable, executable)
    yield found
    found.close()


@pytest.fixture(scope="session")
def page_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Makes the page of what is named, once."""
    made: dict[tuple[str, ...], Path] = {}

    def make(*words: str) -> Path:
        if words not in made:
            file = tmp_path_factory.mktemp("page") / "page.html"
            assert main(["report", *words, "-o", str(file)]) == 0
            made[words] = file
        return made[words]

    return make
