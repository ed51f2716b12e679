"""Comments that silence findings: what each holds for, and what is said of those that silence nothing."""

from __future__ import annotations

import pytest
from effort import lines_run

from rfcalc.lint.checking import check_data
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Checked
from rfcalc.lint.registry import MODULE_OF

# A 5x5 convolution, which RF401 says a stack of 3x3 would replace.
LARGE = "conv f=5 p=2 d=16"


def checked(text: str, codes: tuple[str, ...] = ("RF401", "RF901")) -> Checked:
    return check_data(text.encode(), "net.yaml", codes)


def places(text: str, codes: tuple[str, ...] = ("RF401", "RF901")) -> list[tuple[str, int]]:
    """The codes and lines of what is found."""
    return [(code, place.line) for code, _, _, _, place, *_ in checked(text, codes).findings if place]


def of_comments(text: str) -> tuple[Finding, ...]:
    return tuple(finding for finding in checked(text).findings if finding.code == "RF901")


def network(*lines: str) -> str:
    """A network of these layer lines; the first is line 3."""
    return "input: 32x32x16\nlayers:\n" + "".join(f"  {line}\n" for line in lines)


def test_a_line_without_a_comment_is_reported() -> None:
    assert places(network(f"- {LARGE}", "- relu", f"- {LARGE}")) == [("RF401", 3), ("RF401", 5)]


@pytest.mark.parametrize(
    "comment",
    [
        "# rfcalc: ignore[RF401] the paper has it",
        "# rfcalc: ignore[RF401]",
        "#rfcalc:ignore[RF401]",
        "# RFCALC: Ignore[rf401]",
        "# rfcalc: ignore[large-kernel]",
        "# rfcalc: ignore[ RF401 ,, ] the paper has it",
    ],
)
def test_a_comment_silences_its_line_and_no_other(comment: str) -> None:
    text = network(f"- {LARGE} {comment}", "- relu", f"- {LARGE}")
    assert places(text) == [("RF401", 5)]
    assert checked(text).silenced == 1


def test_a_comment_alone_on_a_line_holds_for_the_next_that_is_no_comment() -> None:
    text = network("# rfcalc: ignore[RF401] why", "# more about it", "", f"- {LARGE}", f"- {LARGE}")
    assert places(text) == [("RF401", 7)]


def test_a_comment_alone_at_the_end_holds_for_nothing() -> None:
    assert places(network(f"- {LARGE}", "# rfcalc: ignore[RF401]")) == [("RF401", 3), ("RF901", 4)]


BLOCKS = f"""input: 32x32x16
blocks:
  one(d):@
    - {LARGE}
    # a comment
  # another, less indented

    - relu
    - {LARGE}
  two:
    - {LARGE}
layers: [one d=16, two]
"""


def test_a_comment_on_the_line_of_a_signature_holds_for_the_whole_block_alone() -> None:
    text = BLOCKS.replace("@", "  # rfcalc: ignore[RF401] why")
    assert places(BLOCKS.replace("@", "")) == [("RF401", 4), ("RF401", 9), ("RF401", 11)]
    assert places(text) == [("RF401", 11)]
    assert checked(text).silenced == 2


@pytest.mark.parametrize(
    "body",
    [
        # A list may stand as far left as its key, and what brackets hold anywhere.
        "\n  - {LARGE}\n  - relu\n  - {LARGE}\n",
        " [\n  {LARGE}, relu,\n  {LARGE}\n  ]\n",
        "\n  - add:\n    - [relu]\n    -\n      - {LARGE}\n      - {LARGE}\n",
        "\n  - repeat: 2\n    do:\n    - {LARGE}\n    - {LARGE}\n",
        "\n  - when: d == 16\n    do:\n    - {LARGE}\n    else:\n    - relu\n  - {LARGE}\n",
    ],
)
def test_a_block_ends_where_its_last_layer_stands_however_it_is_indented(body: str) -> None:
    head, _, rest = body.replace("{LARGE}", LARGE).partition("\n")
    text = f"input: 32x32x16\nblocks:\n  one(d):{head}  # rfcalc: ignore[RF401]\n{rest}"
    text += f"  two:\n  - {LARGE}\nlayers:\n- one d=16\n- two\n"
    assert places(text) == [("RF401", text[: text.index("two:")].count("\n") + 2)]


def test_a_comment_on_one_signature_holds_for_no_other_block_within_the_same_braces() -> None:
    text = f"""input: 32x32x16
blocks: {{one: [{LARGE}],  # rfcalc: ignore[RF401]
  two: [{LARGE}]}}
layers: [one, two]
"""
    assert places(text) == [("RF401", 3)]


def test_a_comment_above_a_signature_holds_for_the_whole_block() -> None:
    text = BLOCKS.replace("@", "").replace("  one", "  # rfcalc: ignore[RF401] why\n  one")
    assert places(text) == [("RF401", 12)]


def test_a_comment_within_a_block_holds_for_its_line_however_often_the_block_is_called() -> None:
    text = BLOCKS.replace("@", "").replace(f"- {LARGE}", f"- {LARGE}  # rfcalc: ignore[RF401]", 1)
    text = text.replace("one d=16,", "one d=16, one d=16,")
    assert places(text) == [("RF401", 9), ("RF401", 11)]
    assert not of_comments(text)


@pytest.mark.parametrize("before", ["", "---\n", "\n# A network\n\n"])
def test_a_comment_before_the_first_key_holds_for_the_file(before: str) -> None:
    text = f"{before}# rfcalc: ignore[RF401] a study of kernels\n" + network(f"- {LARGE}", f"- {LARGE}")
    assert places(text) == []
    assert checked(text).silenced == 2


def test_a_comment_for_the_file_and_one_for_a_line_of_it_are_both_of_use() -> None:
    text = "# rfcalc: ignore[RF401]\n" + network(f"- {LARGE}  # rfcalc: ignore[RF401]", f"- {LARGE}")
    assert places(text) == []
    assert checked(text).silenced == 2


def test_a_comment_beside_the_first_key_holds_for_its_line_alone() -> None:
    text = network(f"- {LARGE}").replace("32x32x16\n", "32x32x16  # rfcalc: ignore[RF401]\n")
    assert places(text) == [("RF901", 1), ("RF401", 3)]


def test_one_comment_silences_several_rules_and_only_those() -> None:
    text = network("- conv f=5 p=2 d=17  # rfcalc: ignore[RF401, odd-channels]", "- conv f=5 p=2 d=16")
    codes = ("RF401", "RF403", "RF901")
    assert places(text.replace("RF401, ", ""), codes) == [("RF401", 3), ("RF401", 4)]
    assert places(text, codes) == [("RF401", 4)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_ends_of_line_and_a_byte_order_mark_move_nothing(end: str, mark: bytes) -> None:
    lines = network(
        "# rfcalc: ignore[RF401]", f"- {LARGE}", f"- {LARGE}", f"- {LARGE} # rfcalc: ignore[RF401]"
    )
    first = "# rfcalc: ignore[RF999]\n"
    found = check_data(mark + (first + lines).replace("\n", end).encode(), "net.yaml", ("RF401", "RF901"))
    shown = [(one.code, one.position.line, one.position.column) for one in found.findings if one.position]
    assert shown == [("RF901", 1, 18), ("RF401", 6, 5)]


@pytest.mark.parametrize(
    "scalar",
    ['name: "# rfcalc: ignore[RF401]"', "name: 'a # rfcalc: ignore[RF401]'", "name: a#rfcalc:ignore[RF401]"],
)
def test_what_is_written_in_a_text_is_no_comment(scalar: str) -> None:
    assert places(f"{scalar}\n" + network(f"- {LARGE}")) == [("RF401", 4)]


def test_what_is_written_in_a_text_of_several_lines_is_no_comment() -> None:
    text = "name: |\n  # rfcalc: ignore[RF401]\n  more\n" + network(f"- {LARGE}")
    assert ("RF901", 2) not in places(text)
    assert checked(text).silenced == 0


@pytest.mark.parametrize(
    ("comment", "column", "message", "hint"),
    [
        ("# rfcalc: ignore[RF402]", 28, "this ignore of RF402 ignores nothing", "remove it"),
        ("# rfcalc: ignore[RF4O1]", 28, "no rule is called 'RF4O1'", "did you mean 'RF401'?"),
        ("# rfcalc: ignore[large-kernal]", 28, "no rule is called 'large-kernal'", "'large-kernel'"),
        ("# rfcalc: ignore", 11, "does not name the rules", "ignore[RF203] reason"),
        ("# rfcalc: ignore[] why", 11, "does not name the rules", "ignore[RF203] reason"),
        ("# rfcalc: ignore RF401", 11, "does not name the rules", "ignore[RF203] reason"),
        ("# rfcalc: ignore[RF401", 11, "does not name the rules", "ignore[RF203] reason"),
        ("# rfcalc: noqa", 11, "is no ignore", "ignore[RF203] reason"),
        ("# rfcalc: ignore[RF900]", 28, "RF900 cannot be ignored", ""),
        ("# rfcalc: ignore[RF901]", 28, "RF901 cannot be ignored", ""),
    ],
)
def test_a_comment_that_silences_nothing_is_a_finding_at_its_place(
    comment: str, column: int, message: str, hint: str
) -> None:
    text = network(f"- relu  {comment}")
    (finding,) = check_data(text.encode(), "net.yaml", ("RF401", "RF402", "RF901")).findings
    assert (finding.code, finding.severity) == ("RF901", "warning")
    assert message in finding.message
    assert hint in finding.hint
    assert finding.position is not None
    assert (finding.position.line, finding.position.column) == (3, column)


def test_a_code_of_several_that_silences_nothing_is_told_alone() -> None:
    text = network(f"- {LARGE}  # rfcalc: ignore[RF401, RF502]")
    (finding,) = check_data(text.encode(), "net.yaml", ("RF401", "RF502", "RF901")).findings
    assert "RF502 ignores nothing" in finding.message


def test_nothing_is_said_of_an_ignore_for_a_rule_that_is_not_looked_for() -> None:
    assert places(network("- relu  # rfcalc: ignore[RF401]"), ("RF402", "RF901")) == []


def test_nothing_is_said_of_ignores_when_that_rule_is_not_selected() -> None:
    assert places(network("- relu  # rfcalc: ignore[RF401]", "- relu  # rfcalc: oops"), ("RF401",)) == []


def test_a_comment_about_rfcalc_that_does_not_speak_to_it_is_left_alone() -> None:
    assert places(network("- relu  # see rfcalc: ignore[RF401]", "- relu  # rfcalc says 3x3")) == []


def test_what_cannot_be_built_is_reported_though_a_comment_ignores_it() -> None:
    text = "# rfcalc: ignore[RF900]\n" + network("- convv f=3 d=8  # rfcalc: ignore[RF900]")
    assert places(text, tuple(MODULE_OF)) == [("RF901", 1), ("RF900", 4), ("RF901", 4)]
    assert places(text, ("RF900",)) == [("RF900", 4)]


@pytest.mark.parametrize("layers", ["[relu", "[relu, relu]: 3"])
def test_of_a_text_that_is_no_document_no_comment_is_read(layers: str) -> None:
    text = f"# rfcalc: ignore[RF900]\ninput: 8x8x4\nlayers: {layers}\n"
    assert {code for code, _ in places(text, tuple(MODULE_OF))} == {"RF900"}


@pytest.mark.parametrize(
    "comment",
    [
        "# note # rfcalc: ignore[RF401]",
        "# rfcalc: ignore[RF403] odd # rfcalc: ignore[RF401] large",
        "# rfcalc: ignore[RF401] large # rfcalc: ignore[RF403] odd",
    ],
)
def test_a_comment_may_hold_several_ignores_and_other_text(comment: str) -> None:
    text = network(f"- conv f=5 p=2 d=17  {comment}", f"- {LARGE}")
    assert places(text, ("RF401", "RF901")) == [("RF401", 4)]


def test_the_second_ignore_of_a_comment_is_told_at_its_place_with_its_own_reason() -> None:
    text = network(f"- {LARGE}  # rfcalc: ignore[RF401] why # rfcalc: ignore[RF999]")
    (finding,) = of_comments(text)
    assert finding.position is not None
    assert text.splitlines()[2][finding.position.column - 1 : finding.position.end - 1] == "RF999"


@pytest.mark.slow
@pytest.mark.parametrize("stacked", [True, False])
def test_the_cost_is_linear_in_comments_and_lines(stacked: bool) -> None:
    def cost(count: int) -> int:
        lines = [f"- {LARGE}  # rfcalc: ignore[RF401, RF999]"] * count
        if stacked:
            lines = ["# rfcalc: ignore[RF401, RF999]"] * count + [f"- {LARGE}"]
        text = network(*lines)
        found, ran = lines_run(lambda: checked(text))
        assert (found.silenced, len(found.findings)) == (1 if stacked else count, count)
        return ran

    assert cost(2000) < 5.5 * cost(400)
