"""Good descriptions, spoilt: what the front end must bear without any other exception than its own."""

from __future__ import annotations

import re

from hypothesis import strategies as st

from rfcalc.errors import DescriptionError, RfcalcError, Source
from rfcalc.graph.build import build, every_mistake
from rfcalc.graph.ir import Graph
from rfcalc.library import shipped_names, shipped_text
from rfcalc.spec.lookalikes import naming_lookalikes
from rfcalc.spec.reader import read_layers, read_network

TEXTS = {name: shipped_text(name) for name in shipped_names()}

# What a reader of this language may stumble over.
TOKENS = (
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "((((",
        "]]]]",
        "[[[[",
        "{{{{",
        ",",
        ":",
        ": ",
        ";",
        "#",
        "&a",
        "*a",
        "*",
        "**",
    ),
    *(
        "|",
        ">",
        "%",
        "@",
        "`",
        "!",
        "!!str",
        "?",
        "-",
        "--",
        "---",
        "...",
        "->",
        "→",
        "=",
        "==",
        "!=",
        "<",
        "/",
        "//",
    ),
    *(
        "'",
        '"',
        "\\",
        "\\x",
        "\n",
        "\n\n",
        "\t",
        "\r",
        " ",
        "  ",
        "\u3000",
        "\u00a0",
        "\0",
        "\x07",
        "\x85",
        "\u2028",
    ),
    *(
        "\ufeff",
        "\ud800",
        "é",
        "卷积",
        "²",
        "３",
        "𝟙",
        "x",
        "xx",
        "0x",
        "x0",
        "0",
        "-1",
        "1.5",
        ".5",
        "1e3",
        "1e999999999",
    ),
    *(
        "9" * 50,
        "2**10**9",
        "10**40",
        "1/0",
        "1//0",
        "0%0",
        "5M",
        "5KiB",
        "50%",
        "1:2",
        ":",
        "1:",
        "::",
        "1x2x3x4x5",
    ),
    *(
        "yes",
        "no",
        "null",
        "~",
        "true",
        "same",
        "causal",
        "nan",
        "inf",
        "cin",
        "cin_block",
        "input",
        "and",
        "or",
        "not",
    ),
    *(
        "min(",
        "max(1,",
        "round_to(C, 8)",
        "C",
        "HxW",
        "(HxW)",
        "f=",
        "=3",
        "f=f",
        "d=d",
        "as",
        "as x",
        "from=",
        "from=*",
    ),
    *(
        "from=*.*+?",
        "in=",
        "weights=",
        "like=",
        "{repeat: 1000000000, do: [relu]}",
        "{repeat: C, do: []}",
        "repeat: ",
    ),
    *(
        "{when: cin > 8, do: [relu]}",
        "{let: {a: a}}",
        "{each: {d: []}, do: [relu]}",
        "{concat: [[], []], split: 2}",
    ),
    *(
        "add: ",
        "[[], []]",
        "{}",
        "[]",
        "relu",
        "conv",
        "flatten",
        "softmaxloss",
        "upsample scale=10**15",
        "1 + 1" * 50,
    ),
)

token = st.sampled_from(TOKENS) | st.text(max_size=3) | st.integers().map(str)


@st.composite
def mutations(draw: st.DrawFn, text: str) -> str:
    """The text with a few changes: characters, words, lines and spans, removed, repeated or replaced."""
    for _ in range(draw(st.integers(1, 4))):
        kind = draw(st.sampled_from(("insert", "delete", "swap", "word", "line", "indent", "span")))
        place = draw(st.integers(0, len(text)))
        if kind == "insert":
            text = text[:place] + draw(token) + text[place:]
        elif kind == "delete":
            text = text[:place] + text[place + draw(st.integers(1, 12)) :]
        elif kind == "swap":
            text = text[:place] + text[place : place + 2][::-1] + text[place + 2 :]
        elif kind == "word":
            words = list(re.finditer(r"[\w.*/+-]+", text))
            if words:
                word = draw(st.sampled_from(words))
                text = text[: word.start()] + draw(token) + text[word.end() :]
        elif kind == "span":
            other = draw(st.integers(0, len(text)))
            text = text[:place] + text[min(place, other) : max(place, other)][:400] + text[place:]
        else:
            lines = text.split("\n")
            index = draw(st.integers(0, len(lines) - 1))
            if kind == "indent":
                lines[index] = " " * draw(st.integers(0, 8)) + lines[index].lstrip(" ")
            else:
                line = lines.pop(index)
                for _ in range(draw(st.integers(0, 2))):
                    lines.insert(draw(st.integers(0, len(lines))), line)
            text = "\n".join(lines)
    return text


def outcome(text: str) -> Graph | RfcalcError:
    """The graph of a description, or what is wrong with it; any other exception is a mistake of the tool."""
    source = Source("net.yaml", text)
    try:
        network = read_network(source)
    except DescriptionError as error:
        check_findings(error, source)
        every = every_mistake(source)
        check_findings(every, source)
        # What building adds hides nothing that reading has found.
        found = {*naming_lookalikes(error).diagnostics}
        assert len(every.diagnostics) == 50 or found <= {*every.diagnostics}
        return every
    try:
        return build(network)
    except DescriptionError as error:
        check_findings(error, source)
        return error


def outcome_of_layers(text: str) -> Graph | RfcalcError:
    """The same of bare layers."""
    source = Source("<expression>", text)
    try:
        return build(read_layers(source))
    except DescriptionError as error:
        check_findings(error, source)
        return error


def check_findings(error: DescriptionError, source: Source) -> None:
    """Every finding says something, about a place that is there."""
    lines = source.text.splitlines() or [""]
    assert str(error) or not error.diagnostics
    for finding in error.diagnostics:
        assert finding.message
        assert len(str(finding)) < 5000
        position = finding.position
        assert position is not None
        assert 1 <= position.line <= len(lines), finding
        assert 1 <= position.column <= len(lines[position.line - 1]) + 1, finding
        assert position.end >= position.column, finding
