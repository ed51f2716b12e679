"""Where in a repository of git the current folder lies, for what a repository's host reads."""

from __future__ import annotations

import os
from contextlib import suppress

from rfcalc.files import upwards
from rfcalc.report.findings.repository import Checkout


def checkout_here() -> Checkout:
    """The repository around the current folder; where there is none, the folder itself counts as its root."""
    here = os.getcwd()
    root = next((each for each in upwards(here) if os.path.lexists(os.path.join(each, ".git"))), here)
    folder = "" if root == here else os.path.relpath(here, root).replace(os.sep, "/")
    # A shell names the folder by the links that led to it.
    entered = os.environ.get("PWD", "")
    roots = [root]
    with suppress(OSError, ValueError):
        if os.path.isabs(entered) and os.path.samefile(entered, here):
            linked = os.path.normpath(
                os.path.join(entered, *[os.pardir] * len(folder.split("/") if folder else ()))
            )
            if os.path.samefile(linked, root):
                roots.append(linked)
    return Checkout(folder, tuple(dict.fromkeys(roots)))
