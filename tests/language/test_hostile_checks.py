"""Whatever is checked, the outcome is a record of findings: never another exception."""

from __future__ import annotations

import pytest
from descriptions import descriptions
from hypothesis import given, settings
from hypothesis import strategies as st
from mutations import TEXTS, mutations
from wrong_descriptions import NAMES, text_of

from rfcalc.lint.checking import check_data
from rfcalc.lint.finding import SEVERITIES
from rfcalc.lint.outcome import Checked
from rfcalc.lint.registry import MODULE_OF

COMMENT = "# rfcalc: ignore[RF401, large-kernel, RF900, nothing] 理由"


def checked(text: str) -> Checked:
    """What is found in a text, each finding with a place that is there."""
    found = check_data(text.encode("utf-8", "surrogatepass"), "net.yaml", MODULE_OF)
    lines = found.source.text.splitlines() or [""]
    for finding in found.findings:
        assert finding.severity in SEVERITIES
        assert finding.message
        for position in (finding.position, *(other.position for other in finding.related)):
            assert position is None or 1 <= position.line <= len(lines)
    places = [one.position.line for one in found.findings if one.position]
    assert places == sorted(places)
    assert found == check_data(text.encode("utf-8", "surrogatepass"), "net.yaml", MODULE_OF)
    return found


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.slow
def test_every_wrong_description_has_a_finding(name: str) -> None:
    found = checked(text_of(name))
    assert (found.layers is None) == any(one.code == "RF900" for one in found.findings)
    # A few are wrong only for the sizes or values that come from outside.
    assert found.layers is None or text_of(name).startswith("# rfcalc: --")


@pytest.mark.slow
@given(st.data())
@settings(max_examples=150, deadline=None)
def test_a_spoilt_description_has_findings(data: st.DataObject) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    lines = text.split("\n")
    lines.insert(data.draw(st.integers(0, len(lines))), COMMENT)
    checked(data.draw(mutations("\n".join(lines))))


@pytest.mark.slow
@given(descriptions())
@settings(max_examples=300, deadline=None)
def test_a_description_made_at_random_has_findings(text: str) -> None:
    checked(text)


# Whole sides of comparisons, so that what is compared differs in kind and in its number of entries.
SIDES = st.sampled_from(
    "params macs(a) share(a,params) output output(head) receptive_field receptive_field(*) "
    "receptive_field(both,image) centre_offset(a) n size 3 50% 7 1x7 3x3 -0.5x0 16x16xC 1x1x7 (n+1)xn "
    "output*1 receptive_field+0 params-1x1".split()
)
COMPARISONS = st.tuples(
    st.sampled_from(["", "not "]), SIDES, st.sampled_from(["==", "!=", "<", "<=", ">", ">="]), SIDES
).map(lambda parts: f"{parts[0]}{parts[1]} {parts[2]} {parts[3]}")
CHECKED = """
input: {image: 16x16xC, vector: 10}
symbols: [C]
params: {n: 3, size: 1x7}
layers:
  - fc d=7 from=vector as head
  - conv from=image f=3x1 p=1x0 d=C as a
  - deconv f=3 s=2 p=1 d=C as both
outputs: [both, head]
check:
"""


@pytest.mark.slow
@given(st.lists(COMPARISONS, min_size=1, max_size=3))
@settings(max_examples=300, deadline=None)
def test_any_comparison_has_findings_or_holds(comparisons: list[str]) -> None:
    lines = [f"  - {line}\n" for line in (*comparisons, " and ".join(comparisons), " or ".join(comparisons))]
    found = checked(CHECKED + "".join(lines))
    assert found.layers == 3


@given(st.binary() | st.text().map(str.encode))
@settings(max_examples=200, deadline=None)
def test_any_bytes_have_findings(data: bytes) -> None:
    assert check_data(data, "net.yaml", MODULE_OF).findings
