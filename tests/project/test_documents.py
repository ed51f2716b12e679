"""What docs/architecture.md says about the code is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from package_source import PACKAGE

from rfcalc.analysis.fields import axis_field, supports
from rfcalc.graph import bodies, effort
from rfcalc.spec import document, document_text, evaluate, expressions, line
from rfcalc.spec.tokens import MOST_TOKENS
from rfcalc.symbolic.terms import LARGEST_COEFFICIENT_BITS, LARGEST_DEGREE, MOST_TERMS

ROOT = Path(__file__).parents[2]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")

LIMITS = (
    f"{document_text.LONGEST_TEXT // 2**20} MiB, {document.DEEPEST_NESTING} levels, "
    f"{document.MOST_NODES:,} nodes",
    f"{line.LONGEST_LINE:,} characters; {MOST_TOKENS} tokens, {expressions.DEEPEST} levels",
    f"{expressions.LONGEST_NUMBER} digits; {evaluate.LARGEST_BITS} bits",
    f"{effort.MOST_LAYERS:,} layers and the effort of as many (`--max-layers`); "
    f"block calls {bodies.DEEPEST_CALLS} deep",
    f"{MOST_TERMS:,} terms, degree {LARGEST_DEGREE:,}, coefficients of {LARGEST_COEFFICIENT_BITS:,} bits",
    f"masks of 2^{supports.MASK_BITS.bit_length() - 1} bits, "
    f"2^{axis_field.MOST_PHASES.bit_length() - 1} phases",
)


@pytest.mark.parametrize("limit", LIMITS)
def test_the_limits_stated_are_those_of_the_code(limit: str) -> None:
    assert limit in ARCHITECTURE


def test_every_file_named_is_there() -> None:
    named = re.findall(r"`((?:\w+/)+(?:\w+\.\w+)?)`", ARCHITECTURE)
    assert named
    # A path is named from the root or, as most are, from the package.
    missing = [name for name in named if not ((ROOT / name).exists() or (PACKAGE / name).exists())]
    assert not missing
