"""What docs/notebooks.md types into a notebook gives what it shows."""

from __future__ import annotations

import doctest
import re
from importlib.util import find_spec
from pathlib import Path

import pytest

DOCS = Path(__file__).parents[2] / "docs"
GUIDE = (DOCS / "notebooks.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^#+ ([^\n]+)\n(.*?)(?=^#+ |\Z)", GUIDE, re.MULTILINE | re.DOTALL))
TASKS = (
    "A table of layers",
    "The field against depth",
    "A loop over widths",
    "The first layer that sees enough",
    "A comparison",
)


def blocks(text: str) -> list[str]:
    return re.findall(r"^```pycon\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("section", [title for title, text in SECTIONS.items() if blocks(text)])
def test_a_section_runs_and_gives_what_it_shows(section: str) -> None:
    opening, *_ = SECTIONS.values()
    typed = blocks(opening) + (blocks(SECTIONS[section]) if SECTIONS[section] != opening else [])
    if find_spec("pandas") is None:
        # Everything but what needs it.
        typed = [block for block in typed if "pandas" not in block]
    example = doctest.DocTestParser().get_doctest("\n".join(typed), {}, section, "notebooks.md", 0)
    printed: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(example, out=printed.append).failed == 0, "".join(printed)


def test_the_five_tasks_are_there_and_each_does_something() -> None:
    assert [*SECTIONS][1:6] == [*TASKS]
    assert all(blocks(SECTIONS[task]) for task in TASKS)


def test_every_method_that_the_guide_names_is_there() -> None:
    import rfcalc

    named = set(re.findall(r"`(?:net|rfcalc)\.(\w+)[(`.\[]", GUIDE))
    assert named >= {"table", "rows", "to_dict", "explain", "check", "compare", "solve", "layers", "totals"}
    missing = [
        name for name in named if name not in rfcalc.__all__ and not hasattr(rfcalc.AnalysedNetwork, name)
    ]
    assert not missing
