"""docs/symbols.md: its examples in Python run.  What its commands print is tested with all guides."""

from __future__ import annotations

import doctest
import re
from pathlib import Path

GUIDE = (Path(__file__).parents[2] / "docs" / "symbols.md").read_text(encoding="utf-8")


def test_the_examples_in_python_give_what_the_guide_shows() -> None:
    examples = "\n".join(re.findall(r"^```pycon\n(.*?)^```$", GUIDE, re.MULTILINE | re.DOTALL))
    test = doctest.DocTestParser().get_doctest(examples, {}, "docs/symbols.md", "symbols.md", 0)
    assert test.examples
    assert doctest.DocTestRunner(verbose=False).run(test).failed == 0
