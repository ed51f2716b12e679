"""Every example of the language guide is built, and the result shown after it is the result."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rfcalc.errors import DescriptionError
from rfcalc.library import build_graph, read_text

GUIDE = Path(__file__).parents[2] / "docs" / "language.md"
EXAMPLES = re.findall(r"```yaml\n(.*?)```\n```text\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)


def result(example: str) -> str:
    """The layers with their output sizes, or the errors; bare lines get an input."""
    text = example if re.match(r"[a-z]", example) else f"input: 32x32x8\nlayers:\n{example}"
    try:
        graph = build_graph(read_text(text))
    except DescriptionError as error:
        return "".join(f"error: {diagnostic.message}\n" for diagnostic in error.diagnostics)
    return "".join(f"{node.name} {'-' if node.facts.sink else node.facts.output}\n" for node in graph.layers)


@pytest.mark.parametrize(("example", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_has_the_result_that_is_shown(example: str, shown: str) -> None:
    assert result(example) == shown


def test_every_example_shows_its_result() -> None:
    assert GUIDE.read_text("utf-8").count("```yaml") == len(EXAMPLES) >= 10
