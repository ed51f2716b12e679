"""Runs of the check made by hand, and by hypothesis with hostile text in every place."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from hypothesis import strategies as st

from rfcalc.errors import Position, Related, Source
from rfcalc.lint.finding import Finding
from rfcalc.lint.outcome import Checked, Outcome

TEXT = """\
input: 32x32x3
layers:
  - conv f=3 p=1 d=16
  - bn
  - relu
"""
NET = Source("nets/net.yaml", TEXT)


def at(line: int, column: int = 5, end: int = 10, source: Source = NET) -> Position:
    """A place in a source."""
    return Position(source, line, column, end)


def finding(
    message: str = "the bias is cancelled",
    *,
    code: str = "RF501",
    rule: str = "cancelled-bias",
    severity: str = "warning",
    position: Position | None = None,
    layer: str = "",
    related: tuple[Related, ...] = (),
    hint: str = "",
    figures: Mapping[str, object] | None = None,
    promise: str = "",
) -> Finding:
    """A finding in line 3 of the network, unless it says otherwise."""
    place = at(3) if position is None else position
    return Finding(code, rule, severity, message, place, layer, related, hint, figures or {}, promise)


def checked(*findings: Finding, source: Source = NET, silenced: int = 0) -> Checked:
    """A description with these findings."""
    return Checked(source.name, source, findings, silenced, 3)


def run(
    *descriptions: Checked,
    further: Iterable[Finding] = (),
    fail_on: str = "warning",
    problems: Iterable[str] = (),
) -> Outcome:
    """A run over these descriptions."""
    return Outcome(descriptions, tuple(further), fail_on, tuple(problems))


def of(*findings: Finding, fail_on: str = "warning") -> Outcome:
    """A run over one description with these findings."""
    return run(checked(*findings), fail_on=fail_on)


# What breaks a format that forgets to escape: its own signs, ends of lines of every kind, control and
# bidirectional characters, halves of surrogate pairs, wide and combining characters.
_PIECES = (
    *(
        "%",
        "%0A",
        "::",
        "::error::x",
        ",",
        ":",
        "##[error]x",
        "|",
        "\\",
        "\\|",
        "`",
        "```",
        "<b>",
        "</failure>",
    ),
    *("]]>", "&amp;", "&", '"', "'", "\n", "\r", "\r\n", "\t", "\x00", "\x0b", "\x0c", "\x1b[31m", "\x85"),
    *(
        "\u2028",
        "\u2029",
        "\u202e",
        "\ufffe",
        "\uffff",
        "\ud800",
        "\udcff",
        "²",
        "→",
        "卷积",
        "é",
        "e\u0301",
        "😀",
    ),
    *(
        "@user",
        "#1",
        "[x](y)",
        "](",
        "{0}",
        "{",
        "}",
        "*",
        "_",
        "~",
        "$x$",
        "https://x.y",
        "a b",
        "..",
        "/",
        "x",
    ),
)
hostile_text = st.lists(st.sampled_from(_PIECES) | st.text(max_size=4), max_size=8).map("".join)
hostile_name = hostile_text.filter(bool)


@st.composite
def hostile_runs(draw: st.DrawFn) -> Outcome:
    """Runs with any text in every place a user or a description can put one."""

    # A few texts, each in many places: to draw as many as there are places takes ten times as long.
    texts = draw(st.lists(hostile_text, min_size=1, max_size=6))
    text = st.sampled_from(texts)
    name = text.map(lambda drawn: drawn or "x")

    def position() -> Position:
        source = Source(draw(name), draw(text))
        column = draw(st.integers(1, 30))
        return Position(source, draw(st.integers(1, 5)), column, column + draw(st.integers(-2, 5)))

    def one() -> Finding:
        return Finding(
            draw(st.sampled_from(("RF501", "RF402", "RF900"))),
            "cancelled-bias",
            draw(st.sampled_from(("error", "warning", "info"))),
            draw(text),
            draw(st.none() | st.builds(position)),
            draw(text),
            tuple(Related(draw(text), position()) for _ in range(draw(st.integers(0, 2)))),
            draw(text),
            {draw(text): draw(st.none() | st.integers() | text | st.floats())},
            draw(st.just("") | text),
            tuple(position() for _ in range(draw(st.integers(0, 1)))),
        )

    return Outcome(
        tuple(
            Checked(
                draw(name),
                Source(draw(name), draw(text)),
                tuple(one() for _ in range(draw(st.integers(0, 3)))),
                draw(st.integers(0, 2)),
                draw(st.none() | st.integers(0, 9)),
            )
            for _ in range(draw(st.integers(0, 3)))
        ),
        tuple(one() for _ in range(draw(st.integers(0, 1)))),
        draw(st.sampled_from(("error", "warning", "info"))),
        tuple(draw(text) for _ in range(draw(st.integers(0, 1)))),
    )
