"""Descriptions that are wrong, each a file with the findings it must give beside it.

A first line `# rfcalc: --input … --set …` gives values from outside.  The expectations are written anew by
`python tests/language/wrong_descriptions.py`: read what has changed before it is committed, as they are
evidence only as far as somebody thought about what a good message must say.
"""

from __future__ import annotations

from pathlib import Path

from rfcalc.description import build_graph
from rfcalc.errors import OF_OPTIONS, RfcalcError
from rfcalc.library import read_text

FOLDER = Path(__file__).parents[1] / "data" / "wrong"
NAMES = sorted(path.stem for path in FOLDER.glob("*.yaml"))


def text_of(name: str) -> str:
    return (FOLDER / f"{name}.yaml").read_bytes().decode()


def expectation(name: str) -> Path:
    return FOLDER / f"{name}.expected"


def findings(text: str, name: str) -> str:
    """What is reported of a description; "" when nothing is."""
    inputs, settings = _outside(text)
    # As the command line has it, whose options the first line gives.
    before = OF_OPTIONS.set(True)
    try:
        build_graph(read_text(text, name), input=inputs, params=settings)
    except RfcalcError as error:
        return str(error)
    finally:
        OF_OPTIONS.reset(before)
    return ""


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
        expectation(case).write_text(findings(text_of(case), f"{case}.yaml") + "\n", "utf-8")
