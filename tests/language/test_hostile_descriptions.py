"""Whatever is read, the outcome is a graph or findings: never another exception, never hours."""

from __future__ import annotations

import io
from itertools import pairwise
from pathlib import Path

import pytest
from descriptions import descriptions
from hypothesis import example, given, settings
from hypothesis import strategies as st
from mutations import TEXTS, mutations, outcome, outcome_of_layers, token

from rfcalc.errors import DescriptionError, RfcalcError, UsageError
from rfcalc.graph.ir import Graph
from rfcalc.library import load, read_data

HEAD = "input: 32x32x8\nlayers:\n"


@pytest.mark.slow
@given(st.data())
@settings(max_examples=300, deadline=None)
def test_a_spoilt_description_gives_a_graph_or_findings(data: st.DataObject) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    assert isinstance(outcome(data.draw(mutations(text))), Graph | RfcalcError)


@pytest.mark.slow
@given(descriptions())
@example('{"input": "1", "layers": [{"concat": [], "split": "0"}]}')
@settings(max_examples=300, deadline=None)
def test_a_description_made_at_random_gives_a_graph_or_findings(text: str) -> None:
    assert isinstance(outcome(text), Graph | RfcalcError)


@given(st.lists(token | st.sampled_from(("conv f=3 d=4", "relu", "; ", "\n", " -> ", " as a")), max_size=12))
@settings(max_examples=300, deadline=None)
def test_bare_layers_made_at_random_give_a_graph_or_findings(parts: list[str]) -> None:
    assert isinstance(outcome_of_layers("".join(parts)), Graph | RfcalcError)


@given(st.text() | st.text("[]{}:-,'\"&*!|>%@#x=( )\n\t0aA.+"))
@settings(max_examples=300, deadline=None)
def test_any_text_gives_a_graph_or_findings(text: str) -> None:
    outcome(text)
    outcome(f"layers: {text}")
    outcome(HEAD + f"  - {text}\n")
    outcome_of_layers(text)


@given(st.binary())
@settings(max_examples=100, deadline=None)
def test_any_bytes_give_a_graph_or_findings(data: bytes) -> None:
    try:
        read_data(data, "net.yaml")
    except RfcalcError as error:
        assert str(error)


def doubling(last: str, body: str = "b{next}, b{next}") -> str:
    """Thirty blocks, each of which calls the next one twice."""
    blocks = [f"  b{i}: [{body.replace('{next}', str(i + 1))}]\n" for i in range(30)]
    return "blocks:\n" + "".join(blocks) + f"  b30: {last}\n" + HEAD + "  - b0\n"


DEEP = "".join(f"  b{i}: [{'{add: [[' * 20}b{i + 1}{'], []]}' * 20}]\n" for i in range(30))
BOMB = "".join(f"{name}: &{name} [{', '.join(9 * ['*' + before])}]\n" for before, name in pairwise("abcdefg"))
LISTS = "".join(f"  - {{let: {{l{i}: (l{i - 1})x(l{i - 1})}}}}\n" for i in range(1, 60))
LONG_NUMBER = "9" * 10**6
TOO_MUCH = "the description takes more work than the limit of 50,000 layers allows: "

HOSTILE: dict[str, tuple[str, str]] = {
    "a repeat of 10^9": (HEAD + "  - {repeat: 1000000000, do: [relu]}\n", TOO_MUCH + "1,000,000,000 turns"),
    "a repeat of 10^9 times nothing": (
        HEAD + "  - {repeat: 10**9, do: []}\n",
        TOO_MUCH + "1,000,000,000 turns",
    ),
    "repeats in repeats": (
        HEAD + "  - {repeat: 999, do: [{repeat: 999, do: [{repeat: 999, do: []}]}]}\n",
        TOO_MUCH,
    ),
    "blocks that double": (doubling("[relu]"), TOO_MUCH),
    "blocks that double nothing": (doubling("[]"), TOO_MUCH),
    "joins that double": (doubling("[relu]", "{concat: [[b{next}], [b{next}]]}"), TOO_MUCH),
    "a million operands": (
        HEAD + "  - {repeat: 2000, do: [relu as k]}\n" + "  - {add: [], from: '*.*.k+*+*'}\n" * 9,
        "",
    ),
    "a block that calls itself": (
        "blocks: {b: [b, b]}\n" + HEAD + "  - b\n",
        "the block 'b' calls itself: b → b",
    ),
    "bodies in bodies": (f"blocks:\n{DEEP}  b30: [relu]\n{HEAD}  - b0\n", "nest deeper than 100"),
    "a million digits in a line": (
        HEAD + f"  - conv f={LONG_NUMBER} d=4\n",
        "the line has 1000011 characters",
    ),
    "a million digits": (
        f"input: {LONG_NUMBER}\nlayers: [relu]\n",
        "has 1000000 characters; a number may have 40",
    ),
    "a large exponent": (HEAD + "  - conv f=3 d=1e999999999\n", "an exponent may not pass 40"),
    "a tower of powers": (HEAD + "  - conv f=3 d=2**10**9\n", "the result has more than 1024 bits"),
    "powers of powers": (
        HEAD + "  - conv f=3 d=((2**999)**999)**999\n",
        "the result has more than 1024 bits",
    ),
    "a hundred thousand brackets": (HEAD + "  - " + "[" * 100_000, "nest more than 64 deep"),
    "a hundred thousand braces": ("{a: " * 100_000, "nest more than 64 deep"),
    "a hundred thousand parentheses": (f"input: {'(' * 100_000}\nlayers: [relu]\n", "more than 400 parts"),
    "deep parentheses": (f"input: {'(' * 190}3{')' * 190}\nlayers: [relu]\n", "nests deeper than 24 levels"),
    "deep powers": (f"input: {'**'.join(['1'] * 190)}\nlayers: [relu]\n", "nests deeper than 24 levels"),
    "a long sum": (f"input: {'+'.join(['1'] * 100_000)}\nlayers: [relu]\n", "more than 400 parts"),
    "many signs": (f"input: {'-' * 100_000}1\nlayers: [relu]\n", "more than 400 parts"),
    "an alias bomb": ("a: &a [x, x, x, x, x, x, x, x, x]\n" + BOMB, "more than 1,000,000 values"),
    "lists of lists of lists": (HEAD + "  - {let: {l0: 1x2}}\n" + LISTS, "expected a number, got 1x2"),
    "a polynomial of many terms": (
        "symbols: [A, B, C, D]\ninput: 8x8xA\nlayers:\n  - conv f=1 d=(A+B+C+D)**1000\n",
        "past the limit",
    ),
    "long polynomials again and again": (
        "symbols: [A, B, C]\ninput: 8x8xA\nlayers:\n"
        "  - {repeat: 100000, index: i, do: ['conv f=1 d=1+0*((A+B+1)**20)*(A+C+1)+i']}\n",
        TOO_MUCH,
    ),
    "a mistake in each of many turns": (
        HEAD + "  - {repeat: 20000, do: [conv f=1 d=8, add from=nope]}\n",
        "no layer before this line is called 'nope'",
    ),
    "a size past 2^63": (HEAD + "  - upsample scale=10**15\n" * 9, "a length is at most 2^63"),
    "nothing": ("", "the description is empty"),
    "zeros": ("\0" * 1000, "is this a text file?"),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.slow
def test_a_hostile_description_is_refused_with_its_reason(case: str) -> None:
    text, reason = HOSTILE[case]
    found = outcome(text)
    assert isinstance(found, DescriptionError if reason else Graph)
    assert reason in str(found)


def test_a_condition_that_does_not_hold_expands_to_nothing() -> None:
    body = "{when: cin == 1, do: [{repeat: 1000000000, do: [relu]}]}"
    assert isinstance(outcome(HEAD + f"  - {body}\n  - relu\n"), Graph)


def test_very_many_mistakes_are_fifty_findings() -> None:
    wrong_lines = outcome(HEAD + "".join(f"  - convv f={i}\n" for i in range(5000)))
    wrong_items = outcome(HEAD + "".join(f"  - {{repaet: {i}}}\n" for i in range(5000)))
    for found in (wrong_lines, wrong_items):
        assert isinstance(found, DescriptionError)
        assert len(found.diagnostics) == 50
        assert [finding.position.line for finding in found.diagnostics if finding.position] == list(
            range(3, 53)
        )


def test_a_folder_is_no_description(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="it is a folder, not a file"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("data", "place"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "1:1"),
        (b"\xff\xfe\0a", "1:1"),
        (b"layers: [relu]\n# \xc3\xa9t\xe9\n", "2:5"),
        (b"\xef\xbb\xbflayers:\r\n\r\n - \xc3\xa9\xc3", "3:5"),
        (b"\xef\xbb\xbfl\xe9", "1:2"),
    ],
)
def test_bytes_that_are_no_text_are_told_where_they_stand(data: bytes, place: str, tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(data)
    with pytest.raises(DescriptionError, match=f"net.yaml:{place}: error: not a text in UTF-8"):
        load(file)
    with pytest.raises(DescriptionError, match=f"<stdin>:{place}: error: not a text in UTF-8"):
        load("-", stdin=io.BytesIO(data))


def test_more_than_eight_mebibytes_are_not_read(tmp_path: Path) -> None:
    file = tmp_path / "net.yaml"
    file.write_bytes(b"#" * (8 * 2**20 + 1))
    with pytest.raises(DescriptionError, match="net.yaml:1:1: error: larger than 8 MiB"):
        load(file)
    file.write_bytes(b"#" * (8 * 2**20))
    with pytest.raises(DescriptionError, match="the description is empty"):
        load(file)
