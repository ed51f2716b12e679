"""Every example of the language guide is built, and the result shown after it is the result.

`python tests/language/test_language_guide.py` writes the results anew; read what has changed.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rfcalc.description import build_graph
from rfcalc.errors import DescriptionError
from rfcalc.graph.bodies import DEEPEST_BODIES, DEEPEST_CALLS
from rfcalc.graph.effort import MOST_LAYERS
from rfcalc.library import read_text
from rfcalc.problems import MOST_PROBLEMS
from rfcalc.spec.document import DEEPEST_NESTING, MOST_NODES
from rfcalc.spec.document_text import LONGEST_TEXT
from rfcalc.spec.evaluate import LARGEST_BITS
from rfcalc.spec.expressions import DEEPEST, LONGEST_NUMBER
from rfcalc.spec.line import LONGEST_LINE
from rfcalc.spec.reader import KEYS, MOST_INPUTS
from rfcalc.spec.tokens import FUNCTIONS, MOST_TOKENS

GUIDE = Path(__file__).parents[2] / "docs" / "language.md"
TEXT = GUIDE.read_text("utf-8")
# An example, marked when it is wrong, and the result after it.
EXAMPLE = re.compile(r"```yaml( error)?\n(.*?)```\n```text\n(.*?)```", re.DOTALL)
EXAMPLES = EXAMPLE.findall(TEXT)


def result(example: str) -> str:
    """The layers with their output sizes, or what is said of the mistakes; bare lines get an input."""
    text = example if re.match(r"[a-z]", example) else f"input: 32x32x8\nlayers:\n{example}"
    try:
        graph = build_graph(read_text(text, "net.yaml"))
    except DescriptionError as error:
        return f"{error}\n"
    return "".join(f"{node.name} {'-' if node.facts.sink else node.facts.output}\n" for node in graph.layers)


@pytest.mark.parametrize(("mark", "example", "shown"), EXAMPLES, ids=range(len(EXAMPLES)))
def test_an_example_has_the_result_that_is_shown(mark: str, example: str, shown: str) -> None:
    assert result(example) == shown
    assert (": error: " in shown) == bool(mark)


def test_every_example_shows_its_result() -> None:
    assert TEXT.count("```yaml") == len(EXAMPLES) >= 25


def test_the_contents_name_every_section() -> None:
    sections = re.findall(r"^## (.*)$", TEXT, re.MULTILINE)
    assert re.findall(r"\[([^\]]+)\]\(#[a-z-]+\)", TEXT) == sections


def test_the_guide_names_every_key_and_every_function() -> None:
    table = TEXT[TEXT.index("| key | holds |") : TEXT.index("## Lines")]
    named = [
        key for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for key in re.findall(r"\w+", row)
    ]
    assert sorted(named) == sorted(KEYS)
    assert all(f"`{name}(" in TEXT for name in FUNCTIONS)


def test_the_limits_are_those_of_the_tool() -> None:
    limits = TEXT[TEXT.index("## Limits") :]
    assert (LONGEST_TEXT, MOST_NODES) == (8 * 2**20, 1_000_000)
    assert f"| {MOST_LAYERS:,} layers" in limits
    for limit in (DEEPEST_NESTING, LARGEST_BITS, DEEPEST, LONGEST_NUMBER, MOST_INPUTS, MOST_TOKENS):
        assert f" {limit} " in limits
    for limit in (DEEPEST_CALLS, DEEPEST_BODIES, MOST_PROBLEMS):
        assert f"| {limit} |" in limits
    assert f"| {LONGEST_LINE:,} characters |" in limits


def with_results(text: str) -> str:
    return EXAMPLE.sub(lambda m: f"```yaml{m[1] or ''}\n{m[2]}```\n```text\n{result(m[2])}```", text)


if __name__ == "__main__":
    GUIDE.write_text(with_results(TEXT), "utf-8")
