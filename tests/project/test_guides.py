"""What the guides in docs/ show is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest
from shown_commands import Shown, output_of, shown_commands, write_files

DOCS = Path(__file__).parents[2] / "docs"
GUIDES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
SHOWN = [(name, shown) for name, text in GUIDES.items() for shown in shown_commands(text)]


@pytest.mark.parametrize(("name", "shown"), SHOWN, ids=[f"{name}: {shown.command}" for name, shown in SHOWN])
def test_the_output_a_guide_shows_is_the_output_of_the_command(
    name: str, shown: Shown, tmp_path: Path
) -> None:
    write_files(GUIDES[name], tmp_path)
    assert output_of(shown.command, tmp_path) == shown.output, (
        f"bring it up to date: python tests/project/shown_commands.py docs/{name}"
    )
