"""Fields are told by what they span; skipped input is looked for once a join; RF106 says what to do."""

from __future__ import annotations

from effort import lines_run
from looked_at import found, found_in

from rfcalc.library import analyze, read_text
from rfcalc.lint.registry import find_rule
from rfcalc.lint.rule import Subject


def work(text: str, code: str) -> int:
    """How many lines of Python a rule runs over a description that is already analysed."""
    description = read_text(text, "net.yaml")
    subject = Subject(description.network, analyze(description))
    return lines_run(lambda: list(find_rule(code).find(subject)))[1]


def test_a_field_with_holes_is_said_to_span_what_it_does_not_see() -> None:
    # Three taps 8 apart span 17 positions and see 3 of them.
    (finding,) = found_in("RF102", "16x3", "conv f=3 r=8 p=8 d=8", *2 * ["conv f=3 p=1 d=8"], "globalavgpool")
    assert "the field of what enters conv2 spans at least 17 positions" in finding.message
    (finding,) = found_in("RF101", "64x64x3", "conv f=3 r=8 p=8 d=8", "globalavgpool")
    assert "the field of conv1, the last layer with positions, spans 17x17 of the 64x64" in finding.message
    for message in (finding.message, finding.hint):
        assert "see" not in message


def test_the_hint_for_different_rates_says_what_to_do() -> None:
    text = "input: 32x32x8\nlayers:\n  - add: [[conv f=3 s=2 p=1 d=8], [{}]]\n"
    (finding,) = found(text.format("conv f=17 d=8"), "RF106")
    assert finding.hint.startswith("give the branches the same product of strides")
    assert "listed position by position" not in finding.hint
    # The one that advances by less gets a stride more.
    assert not found(text.format("conv f=17 p=8 s=2 d=8"), "RF106")


def test_branches_are_gone_through_once_however_many_meet() -> None:
    def text(branches: int) -> str:
        joined = ", ".join(f"[conv f=1 d=1 as a{n}]" for n in range(branches))
        lines = "".join(f"  - maxpool f=1 s=2 from=a{n}\n" for n in range(branches))
        return f"input: 8x8x8\nlayers:\n  - concat: [{joined}]\n{lines}"

    few, many = (work(text(branches), "RF104") for branches in (100, 400))
    assert many < 5 * few


def test_long_periods_along_several_axes_are_counted() -> None:
    text = "input: 500x500x8\nlayers:\n  - conv f=1 d=8 as map\n  - maxpool f=1 s=15 from=map as one\n"
    text += "  - maxpool f=1 s=16 from=map as two\noutputs: [one, two]\n"
    (finding,) = found(text, "RF104")
    # Of 240x240 positions 16x16 are read by the one and 15x15 by the other; the first is read by both.
    assert finding.figures == {"read": 256 + 225 - 1, "positions": 240 * 240}
