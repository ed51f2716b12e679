"""What one rule finds in a description."""

from __future__ import annotations

from rfcalc.library import analyze, read_text
from rfcalc.lint.checking import run_rules
from rfcalc.lint.finding import Finding
from rfcalc.lint.rule import Subject


def subject_of(text: str) -> Subject:
    """The network of a whole description, as rules look at it."""
    description = read_text(text, "net.yaml")
    return Subject(description.network, analyze(description))


def found(text: str, code: str) -> tuple[Finding, ...]:
    """The findings of a rule about a whole description."""
    return run_rules(subject_of(text), [code])


def found_in(code: str, size: str, *layers: str) -> tuple[Finding, ...]:
    """The findings of a rule about some layers, one a line, on an input of this size."""
    lines = "".join(f"  - {layer}\n" for layer in layers)
    return found(f"input: {size}\nlayers:\n{lines}", code)
