"""What fires on the shipped networks, kept in fired.tsv and read line by line.

`python tests/lint/test_shipped.py` writes the list anew.  Ignores are left aside: it is what the rules say.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from rfcalc.library import analyze, check, load, shipped_names
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import MODULE_OF
from rfcalc.lint.rule import Subject

LIST = Path(__file__).with_name("fired.tsv")
COLUMNS = ("network", "code", "line", "layer", "message")


def findings(name: str) -> tuple[Finding, ...]:
    description = load(name)
    return run_rules(Subject(description.network, analyze(description)), MODULE_OF)


def fired(name: str) -> list[str]:
    """A line for each finding about a shipped network."""
    lines = []
    for finding in findings(name):
        place = finding.position.line if finding.position else ""
        lines.append("\t".join([name, finding.code, str(place), finding.layer, finding.message]))
    return lines


def kept() -> list[str]:
    return LIST.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("name", shipped_names())
def test_what_fires_on_a_shipped_network_is_what_has_been_read_and_found_true(name: str) -> None:
    assert fired(name) == [line for line in kept() if line.startswith(f"{name}\t")]


def test_the_list_holds_shipped_networks_alone_and_in_order() -> None:
    head, *lines = kept()
    assert head == "\t".join(COLUMNS)
    names = [line.partition("\t")[0] for line in lines]
    assert names == sorted(names)
    assert set(names) <= set(shipped_names())


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_network_passes_the_check_and_says_why_where_it_would_not(name: str) -> None:
    description = load(name)
    left = check(description, select="ALL")
    assert [finding for finding in left if finding.severity != "info"] == []
    for comment in re.findall(r"# rfcalc: ignore.*", description.source.text):
        assert re.fullmatch(r"# rfcalc: ignore\[RF\d+(, RF\d+)*\] \w.{10,}", comment), comment


if __name__ == "__main__":
    lines = ["\t".join(COLUMNS), *(line for name in shipped_names() for line in fired(name))]
    LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
