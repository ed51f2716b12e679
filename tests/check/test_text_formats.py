"""Findings as text for people: full, concise, and what both say about the run."""

from __future__ import annotations

import re

import pytest
from effort import lines_run
from hypothesis import given
from outcomes import NET, at, checked, finding, hostile_runs, of, run

import rfcalc.errors
from rfcalc.errors import Diagnostic, Position, Related, Source, printable
from rfcalc.lint.outcome import Outcome
from rfcalc.render.finding_formats import FORMATS, Format, render_outcome
from rfcalc.render.layout import Layout
from rfcalc.report.findings.presentation import summary

FULL = """\
nets/net.yaml:3:5: warning[RF501]: the bias is cancelled
  3 |   - conv f=3 p=1 d=16
    |     ^^^^^
nets/net.yaml:4:5: note: by this
  4 |   - bn
    |     ^^
  help: write bias=no

`rfcalc rule RF501` explains a rule
1 finding (1 warning) in 1 description
"""


def test_a_run_without_findings_is_one_line() -> None:
    outcome = run(checked(), checked())
    for name in ("full", "concise", "github"):
        assert render_outcome(outcome, name, Layout(statistics=True)) == "no findings in 2 descriptions\n"


def test_full_shows_the_line_the_caret_the_other_places_and_the_help() -> None:
    outcome = of(finding(related=(Related("by this", at(4, 5, 7)),), hint="write bias=no"))
    assert render_outcome(outcome, "full") == FULL


def test_full_without_colour_holds_no_codes_and_with_colour_the_same_text() -> None:
    outcome = run(
        checked(finding(), finding("two\nlines", severity="error"), finding(severity="info")),
        further=[finding()._replace(position=None)],
    )
    plain = render_outcome(outcome, "full")
    painted = render_outcome(outcome, "full", Layout(colour=True))
    assert "\x1b" not in plain
    assert "\x1b[1mnets/net.yaml:3:5\x1b[0m: \x1b[1;33mwarning[RF501]\x1b[0m: the bias" in painted
    assert "\x1b[1;31merror[RF501]\x1b[0m" in painted
    assert "    |\x1b[1;31m     ^^^^^\x1b[0m\n" in painted
    assert "\x1b[1;36minfo[RF501]\x1b[0m" in painted
    for code in ("\x1b[1m", "\x1b[0m", "\x1b[1;31m", "\x1b[1;33m", "\x1b[1;36m"):
        painted = painted.replace(code, "")
    assert painted == plain


def test_a_finding_about_a_whole_file_names_the_file() -> None:
    outcome = of(finding()._replace(position=None, text="nets/net.yaml"))
    assert render_outcome(outcome, "full").startswith(
        "nets/net.yaml: warning[RF501]: the bias is cancelled\n"
    )
    assert render_outcome(outcome, "concise").startswith("nets/net.yaml:1:1: RF501 warning the bias")


def test_a_finding_that_belongs_to_no_description_names_its_own_file_or_none() -> None:
    configuration = Source("rfcalc.toml", "[[budgets]]\n")
    outcome = run(
        checked(),
        further=[
            finding("the entry is stale", position=at(1, 1, 12, configuration)),
            finding("no file is meant")._replace(position=None),
        ],
    )
    assert render_outcome(outcome, "concise") == (
        "rfcalc.toml:1:1: RF501 warning the entry is stale\n"
        "RF501 warning no file is meant\n"
        "2 findings (2 warnings) outside the descriptions\n"
    )


def test_concise_is_one_line_for_each_finding() -> None:
    outcome = of(finding("one\ntwo\x85three", hint="a hint"), finding("b", severity="error", position=at(4)))
    assert render_outcome(outcome, "concise") == (
        "nets/net.yaml:3:5: RF501 warning one two three\n"
        "nets/net.yaml:4:5: RF501 error b\n"
        "2 findings (1 error, 1 warning) in 1 description\n"
    )


def test_statistics_count_each_rule_the_most_frequent_first_then_by_code() -> None:
    findings = [
        *[finding(code="RF900", rule="cannot-be-built")] * 2,
        *[finding()] * 10,
        *[finding(code="RF402", rule="fully-connected-share")] * 2,
    ]
    expected = "10  RF501  cancelled-bias\n 2  RF402  fully-connected-share\n 2  RF900  cannot-be-built\n"
    for name in ("full", "concise", "github"):
        assert expected not in render_outcome(of(*findings), name)
        assert expected in render_outcome(of(*findings), name, Layout(statistics=True))


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (run(), "no findings in 0 descriptions"),
        (run(problems=["it is gone"]), "nothing could be checked (1 problem)"),
        (
            run(checked(), checked(finding()), problems=["it is gone", "it is locked"]),
            "1 finding (1 warning) in 1 of 2 descriptions; not everything could be checked (2 problems)",
        ),
        (
            run(*[checked(finding())] * 1_500, checked()),
            "1,500 findings (1,500 warnings) in 1,500 of 1,501 descriptions",
        ),
        (run(checked(silenced=2)), "no findings in 1 description; 2 ignored"),
        (of(finding(severity="error")), "1 finding (1 error) in 1 description"),
        (
            run(checked(finding(), finding(severity="error")), checked(), checked(finding(), silenced=1)),
            "3 findings (1 error, 2 warnings) in 2 of 3 descriptions; 1 ignored",
        ),
        (
            run(checked(finding(severity="info")), further=[finding(severity="info")]),
            "2 findings (2 info) in 1 description and elsewhere; none is as grave as --fail-on warning",
        ),
    ],
)
def test_the_last_line_counts_findings_and_descriptions(outcome: Outcome, sentence: str) -> None:
    assert summary(outcome) == sentence


@pytest.mark.parametrize("name", FORMATS)
def test_what_an_encoding_cannot_show_is_written_in_other_characters(name: str) -> None:
    source = Source("网络/é.yaml", "input: 8x8x3 # 卷积\n")
    outcome = run(
        checked(finding("49C² → 27C² · 卷积", position=at(1, 1, 4, source), hint="≤ ²"), source=source)
    )
    text = render_outcome(outcome, name, Layout(encoding="ascii"))
    # A page says itself that it is UTF-8.
    assert text.isascii() or name == "html"
    if name in ("full", "concise", "github", "markdown"):
        assert "49C^2 -> 27C^2 * ??" in text.replace("&gt;", ">").replace("\\", "")
        assert "49C² → 27C² · 卷积" in render_outcome(outcome, name)


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_run_gives_the_same_bytes(name: str) -> None:
    def outcome() -> Outcome:
        return of(finding(figures={"names": ["b", "a"]}), finding(), finding("other", code="RF402"))

    assert render_outcome(outcome(), name) == render_outcome(outcome(), name)


@given(hostile_runs())
def test_no_text_commands_a_terminal_or_adds_a_line(outcome: Outcome) -> None:
    count = sum(1 for _ in outcome.findings())
    concise = render_outcome(outcome, "concise")
    assert len(concise.splitlines()) == count + 1
    for text in (
        concise,
        render_outcome(outcome, "full"),
        render_outcome(outcome, "full", Layout(encoding="latin-1")),
    ):
        assert text.replace("\n", "").isprintable()
    render_outcome(outcome, "full", Layout(colour=True))


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.slow
def test_ten_thousand_findings_in_one_file_cost_no_more_than_their_number(name: str) -> None:
    def cost(count: int) -> int:
        source = Source("net.yaml", "input: 8x8x3\nlayers:\n" + "  - conv f=3 d=8\n" * count)
        findings = [finding(position=Position(source, number + 3, 5, 9)) for number in range(count)]
        outcome = run(checked(*findings, source=source))
        return lines_run(lambda: render_outcome(outcome, name))[1]

    # A cost with the square of the number would be a hundred times as much.
    assert cost(10_000) < 11 * cost(1_000)


def test_an_unknown_format_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="no format 'xml'"):
        render_outcome(run(), "xml")


def test_a_format_is_one_record_and_one_function(monkeypatch: pytest.MonkeyPatch) -> None:
    record = Format("lines", "rfcalc.render.findings_text:render_concise", ".lines", summed=True)
    monkeypatch.setitem(FORMATS, "lines", record)
    outcome = of(finding())
    assert render_outcome(outcome, "lines") == render_outcome(outcome, "concise")


def test_the_name_of_the_network_is_not_taken_for_its_file() -> None:
    shipped = Source("vgg16.yaml", NET.text)
    outcome = run(checked(finding(position=at(3, source=shipped)), source=shipped)._replace(name="vgg16"))
    assert render_outcome(outcome, "concise").startswith("vgg16.yaml:3:5: ")


def test_of_a_long_line_only_what_is_shown_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    source = Source("net.json", "卷x" * 50_000)
    looked_at: list[int] = []

    def counting(text: str) -> str:
        looked_at.append(len(text))
        return printable(text)

    monkeypatch.setattr(rfcalc.errors, "printable", counting)
    for column in (1, 50_001, 100_000):
        assert "^" in Diagnostic("here", Position(source, 1, column, column + 1)).laid_out(80)
    assert max(looked_at) < 200


@pytest.mark.parametrize("width", [40, 60, 80, 120])
@pytest.mark.parametrize("colour", [False, True])
def test_what_is_said_is_broken_at_words_where_a_terminal_is_narrow(width: int, colour: bool) -> None:
    words = [f"word{number}" for number in range(40)]
    message, note, hint = " ".join(words), " ".join(words[::-1]), " ".join(words[::2])
    outcome = of(finding(message=message, related=(Related(note, at(4, 5, 7)),), hint=hint))
    text = re.sub(r"\x1b\[[0-9;]*m", "", render_outcome(outcome, "full", Layout(width=width, colour=colour)))
    assert max(map(len, text.splitlines())) <= width
    # Nothing is lost, and nothing is broken but at blanks.
    told = " ".join(text.split())
    assert all(each in told for each in (message, note, hint))
    # The source line and its caret are where they were.
    excerpt = next(number for number, line in enumerate(text.splitlines()) if line.startswith("  3 |"))
    assert text.splitlines()[excerpt + 1] == "    |     ^^^^^"
    # A pipe has them on one line each, for programs.
    assert f": {message}\n" in render_outcome(outcome, "full")


def test_a_path_as_long_as_a_terminal_is_wide_leaves_what_is_said_broken_at_words() -> None:
    words = [f"word{number}" for number in range(40)]
    source = Source(f"{'nets/' * 13}net.yaml", NET.text)
    outcome = run(checked(finding(position=at(3, source=source), message=" ".join(words)), source=source))
    first, *others = render_outcome(outcome, "full", Layout(width=80)).splitlines()
    assert first.endswith(": warning[RF501]: word0")
    assert max(map(len, others)) <= 80
    assert " ".join(words[1:]) in " ".join(map(str.strip, others))


@pytest.mark.parametrize("width", [30, 60, 80, 200])
@pytest.mark.parametrize("line", ["x" * 50 + "THERE" + "y" * 300, "卷" * 50 + "THERE" + "积" * 300, "THERE"])
def test_a_source_line_fits_the_terminal_and_its_caret_stands_below_the_span(width: int, line: str) -> None:
    source = Source("net.yaml", line)
    start = line.index("THERE") + 1
    outcome = run(checked(finding(position=Position(source, 1, start, start + 5)), source=source))
    lines = render_outcome(outcome, "full", Layout(width=width)).splitlines()
    place = next(number for number, line in enumerate(lines) if line.startswith("  1 |"))
    excerpt, marks = lines[place : place + 2]
    # Each of the two characters takes two cells; so every character is as long as it is wide.
    shown = excerpt.replace("卷", "卷~").replace("积", "积~")
    assert len(shown) <= width
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "THERE"
    # Little room is left over when there is more to show.
    assert len(shown) >= min(width - 1, len("  1 | ") + len(line))


@pytest.mark.parametrize(
    ("line", "cells"),
    [
        # Cells as terminals have them: wide ones by UAX 11, none for letters drawn into those before.
        ("\tconv\td=8\t", 10),
        ("卷积, ", 6),
        ("ｆ＝3 ", 6),
        ("e\u0301a\u0308 ", 3),
        ("한국 ", 5),
        ("\u1112\u1161\u11ab\u1100\u116e\u11a8 ", 5),
        ("→ … ² ½ ", 8),
        ("\u200d\x07 ", 3),
    ],
)
def test_a_caret_stands_under_its_span_whatever_stands_before(line: str, cells: int) -> None:
    text = f"{line}{line}THERE{line}"
    source = Source("net.yaml", text)
    start = 2 * len(line) + 1
    marks = Diagnostic("here", Position(source, 1, start, start + 5)).laid_out().splitlines()[-1]
    assert marks == "    | " + " " * 2 * cells + "^" * 5
    marks = Diagnostic("here", Position(source, 1, len(line) + 1, start)).laid_out().splitlines()[-1]
    assert marks == "    | " + " " * cells + "^" * cells


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "gb2312", "utf-8"])
@pytest.mark.parametrize("line", ["卷积 x THERE 积", "… → ² ½ THERE α…", "αβ…×e\u0301 THERE"])
def test_a_caret_stands_under_its_span_in_any_encoding(line: str, encoding: str) -> None:
    source = Source("net.yaml", line)
    start = line.index("THERE") + 1
    outcome = run(checked(finding(position=Position(source, 1, start, start + 5)), source=source))
    text = render_outcome(outcome, "full", Layout(encoding=encoding))
    assert text.encode(encoding)
    _, excerpt, marks, *_ = text.splitlines()
    shown = excerpt.replace("卷", "卷~").replace("积", "积~").replace("\u0301", "")
    assert shown[marks.index("^") : marks.rindex("^") + 1] == "THERE"
