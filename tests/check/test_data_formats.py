"""Findings as data: json against its own schema, SARIF against the official one, GitLab's list."""

from __future__ import annotations

import json
import re
from fractions import Fraction
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from jsonschema import Draft4Validator, Draft202012Validator
from outcomes import NET, at, checked, finding, hostile_runs, of, run

from rfcalc.errors import Position, Related, Source
from rfcalc.lint.outcome import Outcome
from rfcalc.lint.registry import find_rule
from rfcalc.render.finding_formats import render_outcome
from rfcalc.render.layout import Layout
from rfcalc.report.findings.fingerprints import fingerprints
from rfcalc.report.findings.repository import Checkout, from_root, repository_path, uri
from rfcalc.symbolic.polynomial import Polynomial

CHECK = Draft202012Validator(
    json.loads(files("rfcalc.report").joinpath("check.schema.json").read_text("utf-8"))
)
# Its source and its licence stand beside it.
SARIF = Draft4Validator(
    json.loads((Path(__file__).parents[1] / "data" / "sarif" / "sarif-schema-2.1.0.json").read_text("utf-8"))
)


def data(outcome: Outcome, name: str, folder: str = "") -> Any:
    text = render_outcome(outcome, name, Layout(checkout=Checkout(folder)))
    assert text.isascii()
    assert text.endswith("\n")
    return json.loads(text)


def sarif_run(outcome: Outcome, folder: str = "") -> Any:
    log = data(outcome, "sarif", folder)
    SARIF.validate(log)
    (found,) = log["runs"]
    return found


# json


def test_the_schema_is_a_schema() -> None:
    Draft202012Validator.check_schema(CHECK.schema)


def test_json_holds_every_description_those_without_findings_included() -> None:
    outcome = run(
        checked(silenced=1),
        checked(
            finding(
                layer="conv1",
                related=(Related("by this", at(4, 5, 7)),),
                hint="write bias=no",
                figures={"params": 16},
                promise="params <= 10",
            )
        ),
        fail_on="error",
    )
    record = data(outcome, "json")
    CHECK.validate(record)
    del record["version"]
    assert record == {
        "schema": "rfcalc.check/1",
        "fails": False,
        "fail_on": "error",
        "counts": {
            "descriptions": 2,
            "findings": 1,
            "error": 0,
            "warning": 1,
            "info": 0,
            "ignored": 1,
            "not_shown": 0,
        },
        "statistics": {"RF501": {"rule": "cancelled-bias", "count": 1}},
        "descriptions": [
            {"name": NET.name, "file": NET.name, "layers": 3, "ignored": 1, "findings": []},
            {
                "name": NET.name,
                "file": NET.name,
                "layers": 3,
                "ignored": 0,
                "findings": [
                    {
                        "code": "RF501",
                        "rule": "cancelled-bias",
                        "severity": "warning",
                        "message": "the bias is cancelled",
                        "file": NET.name,
                        "line": 3,
                        "column": 5,
                        "end_column": 10,
                        "layer": "conv1",
                        "promise": "params <= 10",
                        "hint": "write bias=no",
                        "figures": {"params": 16},
                        "related": [
                            {
                                "message": "by this",
                                "file": NET.name,
                                "line": 4,
                                "column": 5,
                                "end_column": 7,
                            }
                        ],
                    }
                ],
            },
        ],
        "further": [],
        "problems": [],
    }


def test_a_finding_about_a_whole_file_has_no_line_in_json() -> None:
    outcome = run(
        checked(finding()._replace(position=None, text="nets/net.yaml")),
        further=[finding()._replace(position=None, layer="x")],
    )
    record = data(outcome, "json")
    CHECK.validate(record)
    (one,) = record["descriptions"][0]["findings"]
    (other,) = record["further"]
    assert (one["file"], one["line"], one["column"], one["end_column"]) == (NET.name, None, None, None)
    assert (other["file"], other["line"]) == (None, None)


def test_figures_are_exact_in_json() -> None:
    figures = {
        "count": 10**30,
        "share": 0.5,
        "endless": float("inf"),
        "third": Fraction(1, 3),
        "half": Fraction(1, 2),
        "polynomial": 49 * Polynomial.symbol("C") * Polynomial.symbol("C"),
        "sizes": (3, Polynomial.symbol("H")),
        "unknown": None,
        "word": "same",
        "sure": True,
        "by layer": {"conv1": 3},
    }
    record = data(of(finding(figures=figures)), "json")
    CHECK.validate(record)
    found = record["descriptions"][0]["findings"][0]["figures"]
    assert found["polynomial"]["text"] == "49C²"
    assert found["polynomial"]["terms"] == [{"coefficient": 49, "powers": {"C": 2}}]
    assert found["sizes"][0] == 3
    assert found["sizes"][1]["text"] == "H"
    del found["polynomial"], found["sizes"]
    assert found == {
        "count": 10**30,
        "share": 0.5,
        "endless": "inf",
        "third": "1/3",
        "half": 0.5,
        "unknown": None,
        "word": "same",
        "sure": True,
        "by layer": {"conv1": 3},
    }


def test_one_line_of_json_is_one_finding() -> None:
    text = render_outcome(of(finding("first"), finding("second")), "json")
    assert sum('"message": ' in line for line in text.splitlines()) == 2


@given(hostile_runs())
def test_any_text_gives_json_that_keeps_to_the_schema(outcome: Outcome) -> None:
    record = data(outcome, "json")
    CHECK.validate(record)
    # What strict readers ask for: no half of a surrogate pair.
    json.dumps(record, ensure_ascii=False).encode("utf-8")
    assert record["counts"]["findings"] == sum(1 for _ in outcome.findings())
    assert sum(entry["count"] for entry in record["statistics"].values()) == record["counts"]["findings"]


# SARIF


def test_a_run_without_findings_is_a_sarif_log_without_results() -> None:
    found = sarif_run(run(checked()))
    assert found["results"] == []
    assert found["tool"]["driver"]["rules"] == []


def test_a_sarif_result_points_to_its_rule_its_span_and_the_other_places() -> None:
    outcome = of(
        finding(code="RF402", severity="info"),
        finding(layer="conv1", related=(Related("by this", at(4, 5, 7)),), hint="write bias=no"),
        finding(code="RF900", severity="error"),
    )
    found = sarif_run(outcome)
    assert found["columnKind"] == "unicodeCodePoints"
    rules = found["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == ["RF402", "RF501", "RF900"]
    assert [rules[result["ruleIndex"]]["id"] for result in found["results"]] == ["RF402", "RF501", "RF900"]
    assert [result["ruleId"] for result in found["results"]] == ["RF402", "RF501", "RF900"]
    assert [result["level"] for result in found["results"]] == ["note", "warning", "error"]
    place = {"uri": "nets/net.yaml", "uriBaseId": "%SRCROOT%"}
    result = found["results"][1]
    # GitHub shows the places that the message links to, and no others.
    assert result["message"] == {"text": "the bias is cancelled\nwrite bias=no\n[by this](1)"}
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": place,
                "region": {"startLine": 3, "startColumn": 5, "endColumn": 10},
            },
            "logicalLocations": [{"fullyQualifiedName": "conv1"}],
        }
    ]
    assert result["relatedLocations"] == [
        {
            "id": 1,
            "message": {"text": "by this"},
            "physicalLocation": {
                "artifactLocation": place,
                "region": {"startLine": 4, "startColumn": 5, "endColumn": 7},
            },
        }
    ]


def test_a_sarif_rule_says_what_the_rule_says() -> None:
    rule = find_rule("RF501")
    (found,) = sarif_run(of(finding()))["tool"]["driver"]["rules"]
    assert found["name"] == "CancelledBias"
    assert found["fullDescription"]["text"] == rule.what
    assert found["defaultConfiguration"] == {"level": "warning"}
    for part in (rule.what, rule.why, rule.instead, rule.source):
        assert part in found["help"]["text"]
        assert part in found["help"]["markdown"]
    assert f"```yaml\n{rule.fires}```" in found["help"]["markdown"]


def test_a_sarif_rule_that_must_be_asked_for_is_not_enabled_by_default() -> None:
    (found,) = sarif_run(of(finding(code="RF403", rule="odd-channels")))["tool"]["driver"]["rules"]
    assert found["defaultConfiguration"] == {"level": "note", "enabled": False}


def test_a_sarif_finding_about_a_whole_file_is_in_its_first_line() -> None:
    (result,) = sarif_run(of(finding()._replace(position=None, text="nets/net.yaml")))["results"]
    assert result["locations"][0]["physicalLocation"]["region"] == {"startLine": 1}


def test_a_sarif_message_holds_no_placeholder_and_no_link() -> None:
    # Sections 3.11.5 and 3.11.6 of the specification.
    (result,) = sarif_run(of(finding("params: {classes: 1} [here](1)")))["results"]
    assert result["message"]["text"] == "params: {{classes: 1}} [here] (1)"
    other = Related("[x](9) \\ {0}\nhere", at(4))
    (result,) = sarif_run(of(finding("seen", related=(other,))))["results"]
    assert result["message"]["text"] == "seen\n[\\[x\\](9) \\\\ {{0}} here](1)"


def test_a_sarif_run_that_is_incomplete_says_so_and_why() -> None:
    found = sarif_run(run(checked(), problems=["cannot read {gone}"]))
    assert found["invocations"] == [
        {
            "executionSuccessful": False,
            "toolExecutionNotifications": [{"level": "error", "message": {"text": "cannot read {{gone}}"}}],
        }
    ]
    assert sarif_run(run(checked()))["invocations"] == [{"executionSuccessful": True}]


@given(hostile_runs())
def test_any_text_gives_sarif_that_keeps_to_the_official_schema(outcome: Outcome) -> None:
    found = sarif_run(outcome)
    results = found["results"]
    assert len(results) == sum(1 for _ in outcome.findings())
    # Any two can be told apart.
    assert len({result["partialFingerprints"]["rfcalcFinding/v1"] for result in results}) == len(results)
    for result in results:
        for location in result["locations"]:
            address = location.get("physicalLocation", {}).get("artifactLocation", {}).get("uri", "")
            assert re.fullmatch(r"(file:///([A-Za-z]:)?)?([A-Za-z0-9._~/-]|%[0-9A-F]{2})*", address)


# GitLab


def test_a_gitlab_report_is_a_list_of_issues_with_their_places() -> None:
    outcome = run(
        checked(finding(severity="info", hint="write bias=no"), finding(severity="error")),
        further=[finding()._replace(position=None)],
    )
    report = data(outcome, "gitlab", "models")
    assert [{**issue, "fingerprint": ""} for issue in report] == [
        {
            "description": "the bias is cancelled; write bias=no",
            "check_name": "RF501 cancelled-bias",
            "fingerprint": "",
            "severity": "info",
            "location": {"path": "models/nets/net.yaml", "lines": {"begin": 3}},
        },
        {
            "description": "the bias is cancelled",
            "check_name": "RF501 cancelled-bias",
            "fingerprint": "",
            "severity": "major",
            "location": {"path": "models/nets/net.yaml", "lines": {"begin": 3}},
        },
        {
            "description": "the bias is cancelled",
            "check_name": "RF501 cancelled-bias",
            "fingerprint": "",
            "severity": "minor",
            "location": {"path": ".", "lines": {"begin": 1}},
        },
    ]
    assert len({issue["fingerprint"] for issue in report}) == 3


@given(hostile_runs())
def test_any_text_gives_a_gitlab_report_with_different_fingerprints(outcome: Outcome) -> None:
    report = data(outcome, "gitlab")
    assert len({issue["fingerprint"] for issue in report}) == len(report)
    for issue in report:
        assert issue["severity"] in ("blocker", "critical", "major", "minor", "info")
        assert issue["location"]["path"]
        assert issue["location"]["lines"]["begin"] >= 1


def test_json_lists_what_could_not_be_checked() -> None:
    record = data(run(checked(), problems=["cannot read 'gone.yaml'"]), "json")
    CHECK.validate(record)
    assert record["problems"] == ["cannot read 'gone.yaml'"]
    assert record["fails"] is False


def test_what_could_not_be_checked_is_an_issue_of_gitlab() -> None:
    (issue,) = data(run(checked(), problems=["cannot read 'gone.yaml'"] * 2), "gitlab")
    assert issue.pop("fingerprint")
    assert issue == {
        "description": "cannot read 'gone.yaml'",
        "check_name": "rfcalc check",
        "severity": "blocker",
        "location": {"path": ".", "lines": {"begin": 1}},
    }


# Paths and identities


@pytest.mark.parametrize(
    ("file", "folder", "path"),
    [
        ("net.yaml", "", "net.yaml"),
        ("./nets//net.yaml", "", "nets/net.yaml"),
        ("net.yaml", "models", "models/net.yaml"),
        ("../nets/net.yaml", "models/old", "models/nets/net.yaml"),
        ("/tmp/net.yaml", "models", "/tmp/net.yaml"),
        ("<stdin>", "models", "<stdin>"),
        ("", "models", ""),
    ],
)
def test_a_path_starts_at_the_root_of_the_repository(file: str, folder: str, path: str) -> None:
    assert repository_path(file, Checkout(folder)) == path


@pytest.mark.parametrize(
    ("file", "path"),
    [
        ("net.yaml", "models/old/net.yaml"),
        ("/project/net.yaml", "net.yaml"),
        ("/project/models/./old/../net.yaml", "models/net.yaml"),
        # The same folder by the link that led to it.
        ("/home/me/project/net.yaml", "net.yaml"),
        ("../../../project/rfcalc.toml", "rfcalc.toml"),
        # Outside.
        ("/projects/net.yaml", "/projects/net.yaml"),
        ("../../../other/net.yaml", "/other/net.yaml"),
    ],
)
def test_a_file_inside_has_one_path_however_it_is_spelt(file: str, path: str) -> None:
    assert repository_path(file, Checkout("models/old", ("/project", "/home/me/project"))) == path


def test_separators_of_windows_become_slashes_there_and_stay_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert repository_path(r"nets\net.yaml") == r"nets\net.yaml"
    monkeypatch.setattr("rfcalc.report.findings.repository.os.sep", "\\")
    assert repository_path(r"nets\net.yaml", Checkout(r"models\old")) == "models/old/nets/net.yaml"
    assert repository_path(r"C:\nets\net.yaml", Checkout("models")) == "C:/nets/net.yaml"
    assert repository_path(r"C:\nets\net.yaml", Checkout("models", ("C:\\",))) == "nets/net.yaml"


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("nets/net.yaml", "nets/net.yaml"),
        ("a b/#1 50%.yaml", "a%20b/%231%2050%25.yaml"),
        ("网.yaml", "%E7%BD%91.yaml"),
        # A colon in the first segment would be read as the end of a scheme.
        ("a:b.yaml", "a%3Ab.yaml"),
        ("/tmp/a b.yaml", "file:///tmp/a%20b.yaml"),
        ("//server/net.yaml", "file:///server/net.yaml"),
        ("C:/nets/net.yaml", "file:///C:/nets/net.yaml"),
        ("<stdin>", "%3Cstdin%3E"),
        # A byte that is no UTF-8 in a file's name.
        ("\udcff.yaml", "%FF.yaml"),
    ],
)
def test_an_address_escapes_what_no_uri_may_hold(path: str, address: str) -> None:
    assert uri(path) == address


def identities(outcome: Outcome) -> list[str]:
    return [issue["fingerprint"] for issue in data(outcome, "gitlab")]


LINES = """\
input: 32x32x3
blocks:
  unit(d):
    - conv f=3 p=1 d=d
    - bn
layers:
  - conv f=3 p=1 d=16
  - bn
  - unit d=32
  - unit d=64
  - conv f=3 p=1 d=16
"""


def known_by(text: str, *places: tuple[str, ...], name: str = "net.yaml") -> list[str]:
    """The identities of findings about lines of a text, each with the lines of the calls that lead to it."""
    source = Source(name, text)
    lines = text.splitlines()

    def place(wanted: str) -> Position:
        number = next(number for number, line in enumerate(lines) if line.strip(" -").startswith(wanted))
        start = lines[number].index(wanted)
        return Position(source, number + 1, start + 1, start + 1 + len(wanted))

    found = [
        finding(f"conv{number}", layer=f"conv{number}", position=place(line))._replace(
            calls=tuple(map(place, calls))
        )
        for number, (line, *calls) in enumerate(places)
    ]
    return identities(run(checked(*found, source=source)))


INNER = "conv f=3 p=1 d=d"


def test_an_identity_stays_when_other_lines_come_or_go() -> None:
    places = ("conv f=3 p=1 d=16",), (INNER, "unit d=32"), (INNER, "unit d=64")
    before = known_by(LINES, *places)
    assert len(set(before)) == 3
    comment = LINES.replace("input:", "# a comment\ninput:")
    above = LINES.replace("layers:\n", "layers:\n  - conv f=1 d=8\n")
    reformatted = LINES.replace("- unit d=64", "-   unit  d=64  # the second").replace("  - unit", "- unit")
    for after in (comment, above):
        assert known_by(after, *places) == before
    assert known_by(reformatted, *places[:2], (INNER, "unit  d=64")) == before
    # Another finding that is mended, or a new one, changes none.
    assert known_by(LINES, *places[1:]) == before[1:]
    # Not even one of the same line, when another call leads to it.
    assert known_by(LINES, places[2]) == before[2:]
    assert known_by(LINES, ("bn",), *places)[1:] == before


def test_an_identity_changes_with_its_line_and_its_file() -> None:
    before = known_by(LINES, ("conv f=3 p=1 d=16",))
    assert known_by(LINES.replace("d=16", "d=24"), ("conv f=3 p=1 d=24",)) != before
    assert known_by(LINES, ("conv f=3 p=1 d=16",), name="other.yaml") != before


def test_findings_that_agree_in_all_this_are_counted() -> None:
    together = known_by(LINES, ("bn",), ("bn",), ("bn",))
    assert len(set(together)) == 3
    assert known_by(LINES, ("bn",)) == together[:1]


def test_a_budget_is_known_by_its_text_whichever_line_is_blamed() -> None:
    before, after = (of(finding(promise="params <= 5M", position=at(line))) for line in (3, 4))
    assert identities(before) == identities(after)
    assert identities(before) != identities(of(finding(promise="params <= 6M")))


def test_an_identity_does_not_depend_on_how_a_path_is_spelt() -> None:
    checkout = Checkout("", ("/project",))
    found = {
        fingerprints(from_root(of(finding(position=at(3, source=Source(name, LINES)))), checkout).findings())
        for name in ("nets/net.yaml", "./nets/net.yaml", "/project/nets/net.yaml")
    }
    assert len(found) == 1


def test_sarif_and_gitlab_agree_on_identities() -> None:
    outcome = of(finding(), finding(layer="conv1"))
    results = sarif_run(outcome, "models")["results"]
    found = [issue["fingerprint"] for issue in data(outcome, "gitlab", "models")]
    assert [result["partialFingerprints"]["rfcalcFinding/v1"] for result in results] == found
    assert fingerprints(()) == ()
