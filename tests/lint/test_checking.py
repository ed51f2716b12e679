"""One description from its bytes to its findings."""

from __future__ import annotations

import pytest

import rfcalc
from rfcalc.errors import DescriptionError, UsageError
from rfcalc.lint.checking import build_data, check_data
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Checked, Outcome
from rfcalc.lint.registry import MODULE_OF
from rfcalc.lint.rule import MOST_CALLS

# An analysis warns of these; each has a rule that says so.
RULES_OF_WARNINGS = {"RF105", "RF106", "RF202"}


def checked(text: str | bytes, *codes: str) -> Checked:
    data = text.encode() if isinstance(text, str) else text
    return check_data(data, "net.yaml", codes or tuple(MODULE_OF))


def lines(findings: tuple[Finding, ...]) -> list[tuple[str, int]]:
    return [(one.code, one.position.line) for one in findings if one.position]


def test_a_description_with_nothing_wrong_has_no_findings() -> None:
    found = checked("input: 32x32x16\nlayers:\n  - conv f=3 p=1 d=16\n  - relu\n", "RF401", "RF501")
    assert (found.findings, found.silenced, found.layers) == ((), 0, 2)
    assert (found.name, found.source.name) == ("net.yaml", "net.yaml")


def test_each_mistake_of_a_description_that_cannot_be_built_is_a_finding_and_nothing_else_is() -> None:
    found = checked("input: 32x32x16\nlayers:\n  - conv f=5 d=17\n  - convv f=3\n  - pool2\n  - relu f=3\n")
    assert lines(found.findings) == [("RF900", 4), ("RF900", 5), ("RF900", 6)]
    assert found.layers is None
    first = found.findings[0]
    assert (first.rule, first.severity) == ("cannot-be-built", "error")
    assert "'convv'" in first.message
    assert "'conv'" in first.hint


def test_mistakes_of_reading_and_of_building_are_found_in_one_run() -> None:
    text = "input: 32x32x16\nlayers:\n  - conv f=5 d=\n  - globalavgpool\n  - maxpool f=x\n"
    assert lines(checked(text).findings) == [("RF900", 3), ("RF900", 5)]


def test_a_mistake_in_a_block_names_the_call() -> None:
    text = "input: 8x8x4\nblocks:\n  unit(k): [conv f=k d=4]\nlayers:\n  - unit k=99\n"
    (finding,) = checked(text).findings
    assert lines((finding,)) == [("RF900", 3)]
    assert [(other.message, other.position.line) for other in finding.related] == [
        ("in this call of 'unit'", 5)
    ]


def test_a_description_without_an_input_size_cannot_be_built() -> None:
    (finding,) = checked("layers:\n  - relu\n").findings
    assert finding.code == "RF900"
    assert "no input size" in finding.message


@pytest.mark.parametrize(
    ("data", "message", "place"),
    [
        (b"", "the description is empty", (1, 1)),
        (b"input: 1x1x1\n# \xff\nlayers: [relu]\n", "not a text in UTF-8 (byte 16)", (2, 3)),
        (b"\xef\xbb\xbfinput: 1x1x1\n# \xff\nlayers: [relu]\n", "not a text in UTF-8 (byte 19)", (2, 3)),
        (b"\xff\xfei\0n\0p\0u\0t\0", "not a text in UTF-8 (byte 1)", (1, 1)),
        (b"layers: [relu]\n" * 600_000, "larger than 8 MiB", (1, 1)),
        (b"\0\0\0\0", "is this a text file?", (1, 1)),
        (b"[[[[", "", (1, 4)),
    ],
)
def test_what_is_no_text_of_a_description_is_a_finding_with_a_place(
    data: bytes, message: str, place: tuple[int, int]
) -> None:
    (finding, *_) = checked(data).findings
    assert finding.code == "RF900"
    assert message in finding.message + finding.hint
    assert finding.position is not None
    assert (finding.position.line, finding.position.column) == place
    assert finding.position.source.name == "net.yaml"


def test_findings_stand_in_the_order_of_the_text_and_each_once() -> None:
    unit = "  unit: [conv f=5 p=2 d=17, bn, dropout, bn]"
    text = (
        f"input: 32x32x17\nblocks:\n{unit}\nlayers:\n  - {{repeat: 3, do: [unit]}}\n  - conv f=5 p=2 d=17\n"
    )
    found = checked(text, "RF504", "RF501", "RF401", "RF403").findings
    places = [(one.position.line, one.position.column, one.code) for one in found if one.position]
    assert places == sorted(places)
    assert len(places) == len(set(places))
    assert {code for *_, code in places} == {"RF401", "RF403", "RF501", "RF504"}


def nested(depth: int) -> str:
    """A 5x5 convolution in blocks of this depth, the outermost called on the last line."""
    blocks = "".join(f"  b{level}: [b{level - 1}]\n" for level in range(1, depth))
    return f"input: 8x8x16\nblocks:\n  b0: [conv f=5 p=2 d=16]\n{blocks}layers:\n  - b{depth - 1} as top\n"


def test_a_layer_of_the_top_level_names_no_calls() -> None:
    (finding,) = checked("input: 8x8x16\nlayers: [conv f=5 p=2 d=16 as stem]\n", "RF401").findings
    assert (finding.layer, finding.related) == ("stem", ())


def test_a_finding_within_blocks_names_the_calls_from_the_innermost_out() -> None:
    (finding,) = checked(nested(3), "RF401").findings
    assert finding.position is not None
    assert finding.position.line == 3
    assert finding.layer == "top.b1_1.b0_1.conv1"
    assert [(one.message, one.position.line) for one in finding.related] == [
        ("called here as top.b1_1.b0_1", 4),
        ("called here as top.b1_1", 5),
        ("called here as top", 7),
    ]


def test_of_many_calls_the_nearest_are_named() -> None:
    (finding,) = checked(nested(20), "RF401").findings
    assert len(finding.related) == MOST_CALLS
    assert [one.position.line for one in finding.related] == [4, 5, 6, 7]


def test_a_turn_that_is_one_call_is_named_as_a_call_and_other_turns_are_not() -> None:
    text = (
        "input: 8x8x16\nblocks:\n  unit: [conv f=5 p=2 d=16]\nlayers:\n  - {repeat: 2, do: [@], as: stack}\n"
    )
    (called,) = checked(text.replace("@", "unit"), "RF401").findings
    assert [one.message for one in called.related] == ["called here as stack.0"]
    (plain,) = checked(text.replace("@", "conv f=5 p=2 d=16, relu"), "RF401").findings
    assert plain.related == ()


@pytest.mark.parametrize(
    "layers",
    [
        # Taps at 0 and 1 of every 3 positions: the third sees nothing.
        "[deconv f=2 s=3 d=4]",
        "[deconv f=2 s=3 d=4, relu, conv f=1 d=4]",
        "[deconv f=2 s=6000 d=4]",
        # A branch without padding is half a kernel off the other.
        "[{add: [[conv f=3 d=16], ['slice h=0:30 w=0:30']]}]",
        "[{concat: [[conv f=1 s=2 d=4], [slice h=0:16 w=0:16]]}]",
    ],
)
def test_whatever_the_analysis_warns_of_is_a_finding_on_the_same_line(layers: str) -> None:
    text = f"input: 32x32x16\nlayers: {layers}\n"
    warned = {
        (warning.position.line, warning.position.column)
        for warning in build_data(text.encode(), "net.yaml").analysis.warnings
        if warning.severity == "warning" and warning.position
    }
    assert warned, "the example is of no use when the analysis does not warn"
    found = checked(text, *RULES_OF_WARNINGS & MODULE_OF.keys()).findings
    assert warned <= {(one.position.line, one.position.column) for one in found if one.position}


@pytest.mark.parametrize(
    ("severities", "fails"),
    [
        ((), {"error": False, "warning": False, "info": False}),
        (("info",), {"error": False, "warning": False, "info": True}),
        (("info", "warning"), {"error": False, "warning": True, "info": True}),
        (("error",), {"error": True, "warning": True, "info": True}),
    ],
)
def test_a_run_fails_at_its_threshold_and_above(severities: tuple[str, ...], fails: dict[str, bool]) -> None:
    findings = tuple(Finding("RF999", "made-up", severity, "", None) for severity in severities)
    for threshold, expected in fails.items():
        assert Outcome((), findings, threshold).fails == expected


# From Python


def test_python_gets_the_findings_of_the_rules_it_asks_for() -> None:
    vgg16 = rfcalc.load("vgg16-bn")
    assert rfcalc.check(vgg16, select=["RF5"]) == ()
    assert [one.code for one in rfcalc.check(vgg16)] == ["RF402"]
    assert rfcalc.check(vgg16, ignore=["fully-connected-share"]) == ()


def test_python_checks_a_network_at_another_size_and_with_other_parameters() -> None:
    # At 33 conv4_1 is the first that reads as much as the input, at 224 none does.
    vgg16 = rfcalc.load("vgg16")
    assert rfcalc.check(vgg16, select=["RF102"]) == ()
    assert len(rfcalc.check(vgg16, select=["RF102"], input="33x33x3")) == 1
    (finding,) = rfcalc.check(
        rfcalc.read_text("params: {n: 4}\ninput: 8x8xn\nlayers: [conv f=1 d=1]\ncheck: [params == 5]\n"),
        params={"n": 5},
    )
    assert (finding.code, finding.message.partition(":")[0]) == ("RF301", "params == 5 does not hold")


def test_python_is_told_by_an_exception_what_cannot_be_checked() -> None:
    with pytest.raises(DescriptionError):
        rfcalc.check(rfcalc.read_text("input: 8x8x3\nlayers: [conv f=9 d=1]\n"))
    with pytest.raises(UsageError, match="RF9"):
        rfcalc.check(rfcalc.load("vgg16"), select=["RF99"])
