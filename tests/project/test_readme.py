"""What README.md shows is what happens."""

from __future__ import annotations

import doctest
import re
import sys
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import pytest
from shown_commands import Shown, output_of, shown_commands, write_files

import rfcalc

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PICTURES = import_module("pictures") if sys.platform != "win32" else None


def test_two_commands_set_everything_up_from_nothing() -> None:
    commands = re.findall(r"^python3 -m venv .*$", README, re.MULTILINE)
    assert len(commands) == 2
    main_job, tests = commands
    assert main_job.endswith("rfcalc vgg16")
    assert tests.endswith("-m pytest -n 2")


def test_what_ci_runs_are_the_commands_of_the_readme() -> None:
    script = ROOT / ".ci" / "run"
    if not script.exists():
        pytest.skip("a source distribution has no CI")
    text = script.read_text(encoding="utf-8")
    # They are read from README.md there, so that no second copy can differ.
    assert "grep '^python3 -m venv ' README.md" in text
    # And the tests that are left out of the everyday run, where they are asked for.
    assert "RFCALC_SLOW_TESTS" in text
    assert "-m pytest -n 2 -m slow" in text


@pytest.mark.parametrize("shown", list(shown_commands(README)), ids=lambda shown: shown.command)
def test_the_output_shown_is_the_output_of_the_command(shown: Shown, tmp_path: Path) -> None:
    write_files(README, tmp_path)
    assert output_of(shown.command, tmp_path) == shown.output, (
        "bring the README up to date: python tests/project/shown_commands.py README.md"
    )


def test_the_check_finds_nothing_in_the_network_shown(tmp_path: Path) -> None:
    write_files(README, tmp_path)
    assert output_of("rfcalc check net.yaml", tmp_path) == "no findings in 1 description\n"


def test_the_library_example_runs_and_gives_the_values_shown() -> None:
    blocks = re.findall(r"^```pycon\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
    assert blocks
    parser = doctest.DocTestParser()
    for number, block in enumerate(blocks):
        example = parser.get_doctest(block, {}, f"README example {number}", "README.md", 0)
        assert doctest.DocTestRunner(verbose=False).run(example).failed == 0


@pytest.mark.parametrize("name", PICTURES.PICTURES if PICTURES else ())
def test_a_picture_shows_what_its_command_prints(name: str) -> None:
    """Words are compared, not bytes: another version of rich may draw them otherwise."""
    assert PICTURES
    file = ROOT / "docs" / "pictures" / f"{name}.svg"
    assert texts(file.read_text(encoding="utf-8")) == texts(PICTURES.picture(PICTURES.PICTURES[name])), (
        "bring the pictures up to date: python docs/pictures.py"
    )


@pytest.mark.parametrize("name", PICTURES.CHARTS if PICTURES else ())
def test_a_chart_is_what_its_command_writes(name: str) -> None:
    assert PICTURES
    file = ROOT / "docs" / "pictures" / f"{name}.svg"
    assert file.read_text(encoding="utf-8") == PICTURES.chart(PICTURES.CHARTS[name]), (
        "bring the pictures up to date: python docs/pictures.py"
    )


def test_every_picture_made_is_shown_and_every_picture_shown_is_made() -> None:
    made = {*PICTURES.PICTURES, *PICTURES.CHARTS} if PICTURES else set()
    guides = [path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))]
    shown = {name for text in (README, *guides) for name in re.findall(r"pictures/([\w-]+)\.svg", text)}
    files = {path.stem for path in (ROOT / "docs" / "pictures").glob("*.svg")}
    assert made == shown == files


def texts(svg: str) -> list[str]:
    return [
        element.text or "" for element in ElementTree.fromstring(svg).iter() if element.tag.endswith("}text")
    ]


def test_every_file_the_documents_link_to_is_there() -> None:
    documents = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]
    missing = [
        f"{document.name}: {target}"
        for document in documents
        for target in re.findall(r"\]\(([^)#]+)", document.read_text(encoding="utf-8"))
        if "://" not in target and not _place(document, target).exists()
    ]
    assert not missing


def _place(document: Path, target: str) -> Path:
    """Where a link leads; modules are those of the package that is tested, wherever it is installed."""
    place = (document.parent / target).resolve()
    package = ROOT.resolve() / "rfcalc"
    return (
        Path(rfcalc.__file__).parent / place.relative_to(package) if place.is_relative_to(package) else place
    )
