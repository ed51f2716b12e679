"""The reference of the check's rules, made from their definitions."""

from __future__ import annotations

import re
from collections.abc import Iterable

from rfcalc.lint.checking import check_data
from rfcalc.lint.registry import FAMILIES, MODULE_OF
from rfcalc.lint.rule import Rule
from rfcalc.report.table import Table, reference_table
from rfcalc.report.words import Language

SCHEMA = "rfcalc.rules/1"


def rules_table(rules: Iterable[Rule], language: Language = "en") -> Table:
    """Rules with their severity and what they find."""
    rows = []
    for rule in rules:
        # The first sentence without its stop: the rest is for its page.  A stop within `et al.` ends none.
        first = re.split(r"(?<!\bal)\. (?=\(?[A-Z])", rule.what, maxsplit=1)[0].rstrip(".")
        said = f"{first} (looked for only when it is asked for)" if rule.asked else first
        rows.append((rule.code, rule.name, rule.severity, said))
    return reference_table("rule", language, rows, code="", name="", severity="", what="prose")


def rules_data(rules: Iterable[Rule]) -> dict[str, object]:
    """Rules as data."""
    return {"schema": SCHEMA, "rules": list(map(_data, rules))}


def _data(rule: Rule) -> dict[str, object]:
    return {
        "code": rule.code,
        "name": rule.name,
        "severity": rule.severity,
        "family": family_of(rule),
        "asked": rule.asked,
        "what": rule.what,
        "why": rule.why,
        "source": rule.source,
        "instead": rule.instead,
        "fires": rule.fires,
        "silent": rule.silent,
        "found": _found(rule),
    }


def family_of(rule: Rule) -> str:
    """What rules of its kind are about."""
    return FAMILIES[rule.code[:3]]


def rule_text(rule: Rule) -> str:
    """The page of one rule as a section of Markdown, which also reads well on a terminal."""
    parts = [
        f"## {rule.code} {rule.name}",
        " · ".join(filter(None, (rule.severity, family_of(rule), _asked(rule)))),
        rule.what,
        rule.why,
        f"Source: {rule.source}.",
        rule.instead,
        _example("Breaks it:", rule.fires),
        "\n".join(f"- {found}" for found in _found(rule)),
        _example("Keeps it:", rule.silent),
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def _asked(rule: Rule) -> str:
    return f"looked for only when it is asked for: `--extend-select {rule.code}`" if rule.asked else ""


def _example(title: str, text: str) -> str:
    return f"{title}\n\n```yaml\n{text.rstrip()}\n```"


def _found(rule: Rule) -> list[str]:
    """What the rule says of the example that breaks it, each with the number of the line.

    Nothing where it looks at more than one description.
    """
    checked = check_data(rule.fires.encode(), "net.yaml", MODULE_OF)
    return [
        f"line {finding.position.line}: {finding.message}" if finding.position else finding.message
        for finding in checked.findings
        if finding.code == rule.code
    ]
