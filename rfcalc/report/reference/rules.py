"""The reference of the check's rules, made from their definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from rfcalc.lint.checking import check_data
from rfcalc.lint.registry import FAMILIES, MODULE_OF, find_rule
from rfcalc.lint.rule import Rule
from rfcalc.report.cells import Text
from rfcalc.report.table import Heading, Table
from rfcalc.report.words import Language, say

SCHEMA = "rfcalc.rules/1"


class RuleReference(NamedTuple):
    """One rule as its page shows it.

    found: what the rule says of the example that breaks it, each with the number of the line; empty where
    it looks at more than one description.
    """

    rule: Rule
    found: tuple[str, ...]

    @property
    def family(self) -> str:
        """What rules of its kind are about."""
        return FAMILIES[self.rule.code[:3]]


def rule_reference(word: str) -> RuleReference:
    """The reference of a rule by code or name; raises UsageError, with the nearest, when there is none."""
    rule = find_rule(word)
    return RuleReference(rule, _found(rule))


def rule_references() -> tuple[RuleReference, ...]:
    """The references of all rules by code."""
    return tuple(map(rule_reference, MODULE_OF))


def rules_table(language: Language = "en") -> Table:
    """Every rule with its severity and what it finds."""
    rules = map(find_rule, MODULE_OF)
    rows = tuple(
        # The rest of what it finds is for its page.
        (
            Text(rule.code),
            Text(rule.name),
            Text(rule.severity),
            Text(_first_sentence(rule.what)),
        )
        for rule in rules
    )
    headings = tuple(
        Heading(key, say(f"rule {key}", language), shorten="words" if key == "what" else "")
        for key in ("code", "name", "severity", "what")
    )
    return Table("", headings, rows, (), (), language)


def _first_sentence(text: str) -> str:
    """The first sentence of a text, without its stop; a stop within a reference (`et al.`) ends none."""
    return re.split(r"(?<!\bal)\. (?=\(?[A-Z])", text, maxsplit=1)[0].rstrip(".")


def rules_data(references: Iterable[RuleReference]) -> dict[str, object]:
    """Rules as data."""
    return {
        "schema": SCHEMA,
        "rules": [_data(reference) for reference in references],
    }


def _data(reference: RuleReference) -> dict[str, object]:
    rule = reference.rule
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "family": reference.family,
        "what": rule.what,
        "why": rule.why,
        "source": rule.source,
        "instead": rule.instead,
        "fires": rule.fires,
        "silent": rule.silent,
        "found": list(reference.found),
    }


def rule_text(reference: RuleReference) -> str:
    """The page of one rule as a section of Markdown, which also reads well on a terminal."""
    rule = reference.rule
    parts = [
        f"## {rule.code} {rule.name}",
        f"{rule.severity} · {reference.family}",
        rule.what,
        rule.why,
        f"Source: {rule.source}.",
        rule.instead,
        _example("Breaks it:", rule.fires),
        "\n".join(f"- {found}" for found in reference.found),
        _example("Keeps it:", rule.silent),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _example(title: str, text: str) -> str:
    return f"{title}\n\n```yaml\n{text.rstrip()}\n```"


def _found(rule: Rule) -> tuple[str, ...]:
    checked = check_data(rule.fires.encode(), "net.yaml", MODULE_OF)
    return tuple(
        f"line {finding.position.line}: {finding.message}" if finding.position else finding.message
        for finding in checked.findings
        if finding.code == rule.code
    )
