"""What AGENTS.md tells programs is so: its commands, its options, its exit codes, its output."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path

import click
import pytest
from shown_commands import Shown, output_of, shown_commands, write_files

import rfcalc
from rfcalc.cli import exit_codes
from rfcalc.cli.group import COMMANDS, DEFAULT_COMMAND, program
from rfcalc.cli.main import main
from rfcalc.cli.reference import schema_names
from rfcalc.lint.registry import find_rule

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "AGENTS.md").read_text(encoding="utf-8")
# Every command in backticks, and in console blocks.
NAMED = dict.fromkeys(
    [*re.findall(r"`(rfcalc [^`]+)`", TEXT), *(shown.command for shown in shown_commands(TEXT))]
)


def command_of(line: str) -> tuple[click.Command, list[str]]:
    """The command that a line runs, and its words; what follows a pipe or a semicolon is the shell's."""
    words = shlex.split(re.split(r" \||; ", line)[0] if "-e" not in line else line.partition("; echo")[0])[1:]
    name = words[0] if words[0] in COMMANDS else DEFAULT_COMMAND
    command = program.get_command(click.Context(program), name)
    assert command is not None
    return command, words


@pytest.mark.parametrize("line", NAMED)
def test_a_command_it_names_has_the_options_it_names(line: str) -> None:
    command, words = command_of(line)
    options = {
        name: parameter
        for parameter in command.params
        if isinstance(parameter, click.Option)
        for name in parameter.opts
    }
    given = [word for word in words if word.startswith("-") and word != "-"]
    assert set(given) <= options.keys() | {"--help"}
    for option, value in itertools.pairwise(words):
        if option == "--format":
            choices = options[option].type
            assert isinstance(choices, click.Choice)
            assert value in choices.choices
    first = words[0]
    assert first in COMMANDS or first in rfcalc.shipped_names() or first in ("NETWORK", "-e")


@pytest.mark.parametrize("shown", list(shown_commands(TEXT)), ids=lambda shown: shown.command)
def test_the_output_it_shows_is_the_output_of_the_command(shown: Shown, tmp_path: Path) -> None:
    write_files(TEXT, tmp_path)
    assert output_of(shown.command, tmp_path) == shown.output, (
        "bring it up to date: python tests/project/shown_commands.py AGENTS.md"
    )


def test_its_exit_codes_are_those_of_the_program() -> None:
    section = TEXT.partition("## Exit codes")[2].partition("\n## ")[0]
    told = {int(code) for code in re.findall(r"^\| (\d+) \|", section, re.MULTILINE)}
    assert told == {0} | {value for value in vars(exit_codes).values() if isinstance(value, int)}


def test_it_names_every_command_that_prints_json_and_every_schema() -> None:
    prints = [
        name
        for name in COMMANDS
        for parameter in getattr(program.get_command(click.Context(program), name), "params", ())
        if "--format" in parameter.opts and "json" in getattr(parameter.type, "choices", ())
    ]
    assert "compare" in prints
    # The default command needs no name.
    assert not [name for name in prints if f"rfcalc {name}" not in TEXT and name != DEFAULT_COMMAND]
    assert not [name for name in schema_names() if name != "report" and f"rfcalc schema {name}" not in TEXT]


def test_the_rules_and_names_of_the_library_that_it_names_are_there() -> None:
    for code in re.findall(r"\bRF\d{3}\b", TEXT):
        assert find_rule(code)
    for name in re.findall(r"`\.(\w+)\(", TEXT):
        assert hasattr(rfcalc.AnalysedNetwork, name)


def test_the_description_it_shows_is_checked_without_findings(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_files(TEXT, tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(("check", "net.yaml", "--fail-on", "warning")) == 0


def test_it_is_a_page() -> None:
    assert len(TEXT.splitlines()) < 110
