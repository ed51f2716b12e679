"""A run of the check in SARIF 2.1.0, the Static Analysis Results Interchange Format (OASIS, 2020)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rfcalc import __version__
from rfcalc.lint.registry import find_rule
from rfcalc.report.findings.fingerprints import fingerprints
from rfcalc.report.findings.presentation import one_line
from rfcalc.report.findings.repository import is_absolute, uri
from rfcalc.report.network_table.data import data_of

if TYPE_CHECKING:
    from rfcalc.errors import Position, Related
    from rfcalc.lint.finding import Finding, Severity
    from rfcalc.lint.outcome import Outcome
    from rfcalc.lint.rule import Rule
    from rfcalc.report.network_table.data import Json

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
# The name that hosts give the root of the repository.
_ROOT = "%SRCROOT%"
_LEVELS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "note"}
# What GitHub sorts alerts by.
_PROBLEMS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "recommendation"}
_FINGERPRINT = "rfcalcFinding/v1"


def sarif_data(outcome: Outcome) -> dict[str, Json]:
    """The whole run, with the rules that fired."""
    every = tuple(outcome.findings())
    codes = sorted({each.code for each in every})
    index = {code: number for number, code in enumerate(codes)}
    driver: dict[str, Json] = {
        "name": "rfcalc",
        "version": __version__,
        "rules": [_rule(find_rule(code)) for code in codes],
    }
    not_checked: dict[str, Json] = {}
    if outcome.problems:
        not_checked["toolExecutionNotifications"] = [
            {"level": "error", "message": {"text": _message(problem)}} for problem in outcome.problems
        ]
    run: dict[str, Json] = {
        "tool": {"driver": driver},
        "invocations": [{"executionSuccessful": not outcome.problems, **not_checked}],
        "originalUriBaseIds": {_ROOT: {"description": {"text": "The root of the repository."}}},
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(each, index[each.code], identity)
            for each, identity in zip(every, fingerprints(every), strict=True)
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule) -> dict[str, Json]:
    text = f"{rule.what}\n\n{rule.why}\n\n{rule.instead}\n\nSource: {rule.source}."
    markdown = (
        f"{text}\n\nThis is found:\n\n```yaml\n{rule.fires}```\n\nThis is not:\n\n```yaml\n{rule.silent}```\n"
    )
    return {
        "id": rule.code,
        "name": "".join(word.capitalize() for word in rule.name.split("-")),
        "shortDescription": {"text": rule.name.replace("-", " ").capitalize()},
        "fullDescription": {"text": rule.what},
        "help": {"text": text, "markdown": markdown},
        "defaultConfiguration": {
            "level": _LEVELS[rule.severity],
            **({"enabled": False} if rule.asked else {}),
        },
        "properties": {"problem.severity": _PROBLEMS[rule.severity], "source": rule.source},
    }


def _result(finding: Finding, index: int, identity: str) -> dict[str, Json]:
    text = _message(f"{finding.message}\n{finding.hint}" if finding.hint else finding.message)
    # A viewer shows the places that the message links to.
    links = (f"\n[{_linked(other.message)}]({number})" for number, other in enumerate(finding.related, 1))
    location: dict[str, Json] = {}
    if finding.file:
        location["physicalLocation"] = _physical(finding.file, finding.position)
    if logical := _logical(finding.place, finding.layer):
        location["logicalLocations"] = logical
    properties: dict[str, Json] = {"figures": data_of(finding.figures)} if finding.figures else {}
    if finding.promise:
        properties["promise"] = finding.promise
    result: dict[str, Json] = {
        "ruleId": finding.code,
        "ruleIndex": index,
        "level": _LEVELS[finding.severity],
        "message": {"text": text + "".join(links)},
        "locations": [location] if location else [],
        "partialFingerprints": {_FINGERPRINT: identity},
    }
    if finding.related:
        result["relatedLocations"] = [_related(*each) for each in enumerate(finding.related, 1)]
    if properties:
        result["properties"] = properties
    return result


def _related(number: int, related: Related) -> dict[str, Json]:
    place = related.position
    return {
        "id": number,
        "message": {"text": _message(related.message)},
        "physicalLocation": _physical(place.source.name, place),
        **({"logicalLocations": _logical(place.place)} if place.place else {}),
    }


def _physical(path: str, place: Position | None) -> dict[str, Json]:
    """Where in a file it is: its first line for all of a text, no line where it has none."""
    based: dict[str, Json] = {} if is_absolute(path) else {"uriBaseId": _ROOT}
    found: dict[str, Json] = {"artifactLocation": {"uri": uri(path), **based}}
    if place is None:
        found["region"] = {"startLine": 1}
    elif place.number is not None:
        written = place.written
        found["region"] = {
            "startLine": written.line,
            "startColumn": written.column,
            "endColumn": written.past,
        }
    return found


def _logical(place: str, layer: str = "") -> list[Json]:
    """What of a network it is, by the name in its file and by the name of the layer."""
    return [{key: name} for key, name in (("name", place), ("fullyQualifiedName", layer)) if name]


def _message(text: str) -> str:
    """The text of a message object: braces doubled, and nothing that reads as a link (3.11.5, 3.11.6)."""
    return text.replace("{", "{{").replace("}", "}}").replace("](", "] (")


def _linked(text: str) -> str:
    """The text of a link in a message: its own brackets do not end it (3.11.6)."""
    line = one_line(text).replace("{", "{{").replace("}", "}}")
    return re.sub(r"[\\\[\]]", r"\\\g<0>", line) or "here"
