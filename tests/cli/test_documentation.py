"""The generated pages in docs/ are those the definitions give now."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages import pages

from rfcalc.analysis.figures import FIGURES
from rfcalc.cli.group import COMMANDS
from rfcalc.conditions.text import names_of_layers
from rfcalc.lint.registry import CODE_OF
from rfcalc.ops.registry import OPERATOR_NAMES
from rfcalc.report.network_table.columns import COLUMNS

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", sorted(pages()))
def test_a_page_is_current(name: str) -> None:
    # Write them with: python docs/pages.py
    assert (DOCS / name).read_text("utf-8") == pages()[name]


def test_the_pages_name_every_command_column_figure_operator_and_rule() -> None:
    texts = pages()
    assert all(f"## rfcalc {name}\n" in texts["commands.md"] for name in COMMANDS)
    assert all(f"| `{column.name}`" in texts["columns.md"] for column in COLUMNS)
    assert all(f"`{name}(" in texts["figures.md"] for name in names_of_layers())
    assert all(f"| `{name}` |" in texts["figures.md"] for name in FIGURES)
    assert all(f"## {name}\n" in texts["operators.md"] for name in OPERATOR_NAMES)
    assert all(f"\n## {code} {name}\n" in texts["rules.md"] for name, code in CODE_OF.items())
    assert all(f"](#{code.casefold()}-{name})" in texts["rules.md"] for name, code in CODE_OF.items())
