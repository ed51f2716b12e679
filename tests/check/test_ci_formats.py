"""Findings for CI systems: annotations of GitHub, JUnit XML, markdown tables."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import live_markup as live
import pytest
from hypothesis import given
from hypothesis import strategies as st
from live_page import ParsedPage
from live_page import live as live_in_page
from outcomes import NET, at, checked, finding, hostile_runs, of, run

from rfcalc.errors import Related, Source
from rfcalc.lint.outcome import Outcome
from rfcalc.render.annotations import MOST_OF_A_KIND
from rfcalc.render.finding_formats import render_outcome
from rfcalc.render.findings_markdown import render_step_summary
from rfcalc.render.layout import Layout
from rfcalc.report.findings.repository import Checkout

_COMMAND = re.compile(r"::(error|warning|notice) ((?:\w+=[^,:]*,?)+)::(.*)")


def commands_in(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Every annotation as the runner reads it: its kind, its properties, its message."""
    found = []
    for line in text.splitlines():
        match = _COMMAND.fullmatch(line)
        if match:
            properties = dict(part.split("=", 1) for part in match[2].split(","))
            found.append((match[1], {name: read(text) for name, text in properties.items()}, read(match[3])))
    return found


def read(text: str) -> str:
    for escape, character in (("%0D", "\r"), ("%0A", "\n"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(escape, character)
    return text


# GitHub


def test_an_annotation_is_one_command_with_its_place() -> None:
    outcome = of(finding("5 % too much", related=(Related("by this", at(4)),), hint="write bias=no"))
    assert render_outcome(outcome, "github") == (
        "::warning file=nets/net.yaml,line=3,col=5,endColumn=10,title=RF501 cancelled-bias::"
        "5 %25 too much%0Anote: nets/net.yaml:4:5: by this%0Ahelp: write bias=no\n"
        "1 finding (1 warning) in 1 description\n"
    )


def test_properties_escape_what_would_end_them() -> None:
    source = Source("a,b: 50%.yaml", "")
    text = render_outcome(of(finding(position=at(1, source=source))), "github")
    assert "file=a%2Cb%3A 50%25.yaml,line=1," in text
    ((_, properties, _),) = commands_in(text)
    assert properties["file"] == "a,b: 50%.yaml"


def test_an_annotation_about_a_whole_file_is_in_its_first_line() -> None:
    outcome = run(
        checked(finding()._replace(position=None, text="nets/net.yaml")),
        further=[finding()._replace(position=None)],
    )
    first, second, _ = render_outcome(outcome, "github").splitlines()
    assert first.startswith("::warning file=nets/net.yaml,line=1,title=RF501 cancelled-bias::")
    assert second.startswith("::warning title=RF501 cancelled-bias::")


def test_a_file_is_named_from_the_root_of_the_repository() -> None:
    ((_, properties, _),) = commands_in(
        render_outcome(of(finding()), "github", Layout(checkout=Checkout("models")))
    )
    assert properties["file"] == "models/nets/net.yaml"


def test_the_gravest_annotations_come_first_and_ten_of_each_kind_are_shown() -> None:
    findings = [
        finding(f"{severity} {number}", severity=severity)
        for number in range(12)
        for severity in ("info", "warning", "error")
    ]
    text = render_outcome(of(*findings[:-3]), "github")
    found = commands_in(text)
    kinds = [kind for kind, _, _ in found]
    assert kinds == ["error"] * 10 + ["warning"] * 10 + ["notice"] * 10
    assert [message for _, _, message in found[:10]] == [f"error {number}" for number in range(10)]
    assert text.splitlines()[30:] == [
        "1 more error and 1 more warning and 1 more notice are listed in the summary of this step; "
        "GitHub shows 10 of each kind",
        "33 findings (11 errors, 11 warnings, 11 info) in 1 description",
    ]
    exactly_ten = render_outcome(of(*[finding()] * 10), "github")
    assert len(commands_in(exactly_ten)) == 10
    assert "more" not in exactly_ten


def test_promises_of_different_descriptions_with_one_text_are_annotations_of_their_own() -> None:
    # Each description says under `check:` what it promises, and is mended by itself.
    parts = [
        checked(finding(position=at(9, source=Source(f"{name}.yaml", "")), promise="params <= 1k"))
        for name in "abcdefghi"
    ]
    found = commands_in(render_outcome(run(*parts), "github"))
    assert [properties["file"] for _, properties, _ in found] == [f"{name}.yaml" for name in "abcdefghi"]
    assert {message for _, _, message in found} == {"the bias is cancelled"}


def test_findings_of_one_budget_are_one_annotation() -> None:
    configuration = Source("rfcalc.toml", "")

    def broken(name: str, severity: str = "warning", line: int = 3) -> Outcome:
        budget = Related("a budget of *", at(line, source=configuration))
        return of(
            finding(
                f"{name} is over",
                severity=severity,
                position=at(1, source=Source(name, "")),
                promise="params <= 5M",
                related=(budget,),
            )
        )

    parts = [
        broken("a.yaml"),
        broken("b.yaml", "error"),
        broken("c.yaml"),
        # Another budget with the same text.
        broken("d.yaml", line=7),
    ]
    outcome = run(*(part.checked[0] for part in parts))
    found = commands_in(render_outcome(outcome, "github"))
    assert [(kind, properties["file"], message) for kind, properties, message in found] == [
        (
            "error",
            "b.yaml",
            "b.yaml is over\nnote: rfcalc.toml:3:5: a budget of *\n2 more of the same budget:\n"
            "a.yaml:1: a.yaml is over\nc.yaml:1: c.yaml is over",
        ),
        ("warning", "d.yaml", "d.yaml is over\nnote: rfcalc.toml:7:5: a budget of *"),
    ]


def test_a_budget_that_hundreds_break_stays_readable() -> None:
    budget = Related("a budget of *", at(1, source=Source("rfcalc.toml", "")))
    text = render_outcome(of(*[finding(promise="params <= 5M", related=(budget,))] * 300), "github")
    ((_, _, message),) = commands_in(text)
    assert message.count("\n") == 13
    assert "299 more of the same budget:" in message
    assert message.endswith("\nand 289 more")


@given(hostile_runs())
def test_no_text_starts_a_command_of_its_own(outcome: Outcome) -> None:
    text = render_outcome(outcome, "github")
    lines = text.splitlines()
    assert text == "\n".join(lines) + "\n"
    found = commands_in(text)
    commands = [line for line in lines if "::" in line or "##[" in line]
    assert len(commands) == len(found)
    assert all(line.startswith("::") for line in commands)
    for kind in ("error", "warning", "notice"):
        assert sum(other == kind for other, _, _ in found) <= MOST_OF_A_KIND


def test_other_places_are_named_from_the_root_too() -> None:
    checkout = Checkout("models", ("/project",))
    related = (
        Related("by this", at(4)),
        Related("a budget", at(1, source=Source("/project/rfcalc.toml", ""))),
    )
    outcome = of(finding(related=related))
    notes = "note: models/nets/net.yaml:4:5: by this", "note: rfcalc.toml:1:5: a budget"
    for name in ("github", "markdown", "junit"):
        text = render_outcome(outcome, name, Layout(checkout=checkout))
        assert all(note in text for note in notes), name
    # People read them from where they are.
    for note in ("nets/net.yaml:4:5: note: by this", "/project/rfcalc.toml:1:5: note: a budget"):
        assert f"\n{note}\n" in render_outcome(outcome, "full", Layout(checkout=checkout))


# What could not be checked

UNREAD = "cannot read 'gone.yaml': No such file or directory"


def incomplete() -> Outcome:
    return run(checked(), problems=(UNREAD,))


def test_an_annotation_says_what_could_not_be_checked() -> None:
    first, last = render_outcome(incomplete(), "github").splitlines()
    assert first == f"::error title=rfcalc check::{UNREAD}"
    assert last == "no findings in 1 description; not everything could be checked (1 problem)"


def test_a_test_report_has_an_error_for_what_could_not_be_checked() -> None:
    clean, other = suite(incomplete()).findall("testcase")
    assert len(clean) == 0
    assert other.attrib == {"classname": "rfcalc check", "name": UNREAD}
    (error,) = other
    assert (error.tag, error.attrib) == ("error", {"type": "error", "message": UNREAD})


def test_markdown_lists_what_could_not_be_checked() -> None:
    assert render_outcome(incomplete(), "markdown") == (
        "**no findings in 1 description; not everything could be checked (1 problem)**\n\n"
        "Not checked:\n\n- cannot read 'gone.yaml': No such file or directory\n"
    )
    text = render_outcome(run(problems=[UNREAD] * 1_023), "markdown")
    assert text.startswith("**nothing could be checked (1,023 problems)**\n")
    assert text.count(UNREAD) == 20
    assert text.endswith("\n- and 1,003 more\n")


# JUnit


def suite(outcome: Outcome, folder: str = "") -> ElementTree.Element:
    text = render_outcome(outcome, "junit", Layout(checkout=Checkout(folder)))
    assert text.isascii()
    root = ElementTree.fromstring(text)
    (found,) = root
    cases = found.findall("testcase")
    failures = sum(case.find("failure") is not None for case in cases)
    errors = sum(case.find("error") is not None for case in cases)
    for element in (root, found):
        assert element.get("tests") == str(len(cases))
        assert element.get("failures") == str(failures)
        assert element.get("errors") == str(errors)
    return found


def test_a_description_without_findings_is_a_test_that_passes() -> None:
    (case,) = suite(run(checked())).findall("testcase")
    assert case.attrib == {"classname": "nets/net.yaml", "name": "check", "file": "nets/net.yaml"}
    assert len(case) == 0


def test_a_rule_that_fires_is_a_test_that_fails_where_the_check_does() -> None:
    outcome = of(
        finding("one < two", hint="write bias=no"),
        finding("again", position=at(4)),
        finding("large", code="RF401", rule="large-kernel", severity="info"),
    )
    first, second = suite(outcome, "models").findall("testcase")
    assert first.attrib == {
        "classname": "models/nets/net.yaml",
        "name": "RF501 cancelled-bias",
        "file": "models/nets/net.yaml",
        "line": "3",
    }
    (failure,) = first
    assert failure.attrib == {"type": "warning", "message": "2 findings, the first: one < two"}
    assert failure.text == (
        "models/nets/net.yaml:3:5: warning: one < two\nhelp: write bias=no\n\n"
        "models/nets/net.yaml:4:5: warning: again"
    )
    (output,) = second
    assert output.tag == "system-out"
    assert output.text == "models/nets/net.yaml:3:5: info: large"


def test_the_threshold_decides_what_fails() -> None:
    for fail_on, failures in (("error", "0"), ("warning", "1"), ("info", "1")):
        assert suite(of(finding(), fail_on=fail_on)).get("failures") == failures


def test_grave_and_mild_findings_of_one_rule_are_kept_apart() -> None:
    (case,) = suite(of(finding("mild", severity="info"), finding("grave", severity="error"))).findall(
        "testcase"
    )
    assert [(part.tag, part.text) for part in case] == [
        ("failure", "nets/net.yaml:3:5: error: grave"),
        ("system-out", "nets/net.yaml:3:5: info: mild"),
    ]


def test_findings_of_no_description_have_a_case_of_their_own() -> None:
    further = finding(position=at(1, source=Source("rfcalc.toml", "")))
    clean, other = suite(run(checked(), further=[further])).findall("testcase")
    assert clean.get("name") == "check"
    assert (other.get("classname"), other.get("file")) == ("configuration", "rfcalc.toml")


def test_characters_beyond_ascii_are_references() -> None:
    (case,) = suite(of(finding("49C² → 卷积"))).findall("testcase")
    failure = case.find("failure")
    assert failure is not None
    assert failure.get("message") == "49C² → 卷积"


@given(hostile_runs())
def test_any_text_gives_xml(outcome: Outcome) -> None:
    found = suite(outcome)
    failing = sum(case.find("failure") is not None for case in found.findall("testcase"))
    assert bool(failing) == outcome.fails


# Markdown

# A signed column of a table: bars that no backslash takes away.
_BAR = re.compile(r"(?<!\\)(?:\\\\)*\|")


def test_markdown_is_a_table_the_gravest_first() -> None:
    outcome = of(
        finding("large", severity="info", code="RF401", rule="large-kernel"),
        finding(severity="error", hint="write bias=no"),
    )
    assert render_outcome(outcome, "markdown") == (
        "**2 findings (1 error, 1 info) in 1 description**\n"
        "\n"
        "| Severity | Rule | Where | Finding |\n"
        "|---|---|---|---|\n"
        "| error | RF501 cancelled-bias | nets/net.yaml:3 | the bias is cancelled<br>help: write bias=no |\n"
        "| info | RF401 large-kernel | nets/net.yaml:3 | large |\n"
    )


def test_markdown_without_findings_is_one_line() -> None:
    assert (
        render_outcome(run(checked()), "markdown", Layout(statistics=True))
        == "**no findings in 1 description**\n"
    )


def test_statistics_are_a_table_of_their_own() -> None:
    text = render_outcome(of(finding(), finding()), "markdown", Layout(statistics=True))
    assert text.endswith("\n\n| Count | Rule |\n|---:|---|\n| 2 | RF501 cancelled-bias |\n")


@given(hostile_runs())
def test_any_text_stays_in_its_cell(outcome: Outcome) -> None:
    count = sum(1 for _ in outcome.findings())
    text = render_outcome(outcome, "markdown")
    lines = text.splitlines()
    assert text == "\n".join(lines) + "\n"
    rows = [line for line in lines if line.startswith("|")]
    assert len(rows) == (count + 2 if count else 0)
    assert all(len(_BAR.findall(row)) == 5 for row in rows)
    assert not [*live.markdown(text, also=frozenset({"strong", "<br>"})), *live.plain(text)]


def test_a_comment_stays_within_what_hosts_take_and_says_what_is_left_out() -> None:
    findings = [finding("x" * 200, position=at(number + 1)) for number in range(5_000)]
    text = render_outcome(of(*findings), "markdown")
    assert 50_000 < len(text) < 65_536
    shown = text.count(" x")
    assert f"\n{5_000 - shown:,} more do not fit here.\n" in text


@pytest.mark.parametrize("statistics", [False, True])
@pytest.mark.parametrize("problems", [0, 1, 30])
@pytest.mark.parametrize("length", [1, 90, 140, 200, 990])
@pytest.mark.slow
def test_all_of_a_comment_counts_and_nearly_all_of_its_room_is_used(
    length: int, problems: int, statistics: bool
) -> None:
    findings = [finding("x" * length, position=at(number + 1)) for number in range(5_000)]
    outcome = run(checked(*findings), problems=["cannot read 'a.yaml'"] * problems)
    size = len(render_outcome(outcome, "markdown", Layout(statistics=statistics)).encode())
    # The summary, the heads of tables and the count of what is left out are part of it: at most 60,000 bytes.
    assert 60_000 - 500 - length - 100 < size <= 60_000


def test_the_summary_of_a_step_holds_what_the_annotations_do_not() -> None:
    findings = [finding(f"number {number}") for number in range(30)]
    text = render_step_summary(of(*findings), Layout(checkout=Checkout("models")))
    assert text.startswith("## rfcalc check\n\n**30 findings (30 warnings) in 1 description**\n")
    assert all(f" number {number} |" in text for number in range(30))
    assert "| models/nets/net.yaml:3 |" in text
    assert "| 30 | RF501 cancelled-bias |\n" in text


def test_the_summary_of_a_step_stays_within_a_mebibyte() -> None:
    text = render_step_summary(of(*[finding("卷" * 500)] * 2_000), Layout())
    assert 900_000 < len(text.encode("utf-8")) < 2**20
    assert "more do not fit here" in text


@given(st.sampled_from(["utf-8", "latin-1", "ascii"]), hostile_runs())
def test_any_text_can_be_written_in_any_encoding(encoding: str, outcome: Outcome) -> None:
    for name in ("full", "concise", "github", "markdown", "junit"):
        render_outcome(outcome, name, Layout(True, False, encoding, 40, Checkout("a", ("/",)))).encode(
            encoding
        )
    render_step_summary(outcome, Layout()).encode("utf-8")
    assert NET.name


# Pages


def test_a_page_has_each_finding_with_its_source_line() -> None:
    text = render_outcome(of(finding(related=(Related("by this", at(4)),), hint="write bias=no")), "html")
    page = ParsedPage(text)
    read = " ".join("".join(text for _, text in page.texts).split())
    assert "1 finding (1 warning) in 1 description" in read
    assert "RF501 cancelled-bias nets/net.yaml:3:5" in read
    assert "write bias=no" in read
    source = ["".join(line) for line in page.text_in("code") if "|" in line]
    assert source[0].startswith("  3 | ")
    assert "^" in "".join(page.text_in("code"))


def test_a_page_without_findings_names_what_was_checked() -> None:
    text = render_outcome(run(checked()), "html")
    assert "no findings in 1 description" in text
    assert live_in_page(text) == []


@given(hostile_runs())
def test_nothing_of_a_run_becomes_markup_of_a_page(outcome: Outcome) -> None:
    assert live_in_page(render_outcome(outcome, "html")) == []
