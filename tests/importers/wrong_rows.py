"""Model files of Ultralytics that are wrong, each with the message that it must give beside it.

A first line `# rfcalc: --input … --set …` gives values from outside.  The expectations are written anew by
`python tests/importers/wrong_rows.py`: read what has changed before it is committed, as they are evidence
only as far as somebody thought about what a good message must say.
"""

from __future__ import annotations

import os
from pathlib import Path

from rfcalc.errors import OF_OPTIONS, RfcalcError
from rfcalc.library import analyze, load

FOLDER = Path(__file__).parents[1] / "data" / "ultralytics" / "wrong"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def expectation(name: str) -> Path:
    return FOLDER / f"{name}.expected"


def messages(name: str) -> str:
    """What is said of a file: its mistakes, else what has to be said of how it was read."""
    path = FOLDER / f"{name}.yaml"
    inputs, settings = _outside(path.read_text("utf-8"))
    # As the command line has it, whose options the first line gives.
    before = OF_OPTIONS.set(True)
    try:
        description = load(path, input=inputs or None, params=settings)
        analyze(description)
    except RfcalcError as error:
        found = str(error)
    else:
        assert description.imported is not None
        found = "\n".join(map(str, description.imported.remarks()))
    finally:
        OF_OPTIONS.reset(before)
    return found.replace(f"{FOLDER}{os.sep}", "")


def _outside(text: str) -> tuple[dict[str, str], dict[str, str]]:
    """The inputs and the settings that a first line gives."""
    inputs: dict[str, str] = {}
    settings: dict[str, str] = {}
    first = text.partition("\n")[0]
    if first.startswith("# rfcalc: --"):
        words = first.split()[2:]
        for option, word in zip(words[::2], words[1::2], strict=True):
            name, equals, value = word.rpartition("=")
            {"--input": inputs, "--set": settings}[option][name if equals else ""] = value
    return inputs, settings


if __name__ == "__main__":
    for case in NAMES:
        expectation(case).write_text(messages(case) + "\n", "utf-8")
