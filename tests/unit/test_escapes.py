"""No text is markup in any format of a table, none is lost, and ordinary text stays as it is."""

from __future__ import annotations

import re
import unicodedata
from html import unescape

import live_markup as live
import pytest
from docutils.core import publish_doctree
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from payloads import ORDINARY, PAYLOADS, hostile_text

from rfcalc.errors import printable
from rfcalc.render.characters import written
from rfcalc.render.escapes import ESCAPES
from rfcalc.render.formats import FORMATS, SYNONYMS
from rfcalc.render.table import render_table
from rfcalc.report.cells import Style, Text
from rfcalc.report.table import Heading, Table, TableNote

TABLES = [name for name in FORMATS if name != "json"]
# The signs that stand between the columns of what is only drawn.
BARS = re.compile(r"[|│┃║]")


def table(text: str) -> Table:
    """A table with this text wherever there can be text, once each at the beginning and within."""
    return Table(
        text,
        (Heading("name", "layer"), Heading("args", text), Heading("macs", "MACs", right=True)),
        ((Text(text), Text(f"x {text}"), Text("1")), (Text("conv1"), Text(text), Text(text))),
        ((Text("total"), Text(text), Text("2")),),
        (TableNote(text), TableNote(f"layer1.0: {text}")),
    )


def found(text: str, format_name: str, encoding: str = "utf-8") -> list[str]:
    """What is live in the table of a text, beside what no format may hold."""
    output = render_table(table(text), format_name, Style(), encoding)
    if live.TABLES[format_name] is not live.plain:
        output.encode(encoding)
    return [*live.TABLES[format_name](output), *live.plain(output)]


def test_every_format_of_a_table_has_an_escape_and_an_oracle() -> None:
    assert set(ESCAPES) == {SYNONYMS.get(name, name) for name in TABLES}
    assert set(live.TABLES) == set(TABLES)


@pytest.mark.parametrize("format_name", TABLES)
@pytest.mark.parametrize("text", ORDINARY)
def test_ordinary_text_is_written_as_it_is(text: str, format_name: str) -> None:
    if live.TABLES[format_name] not in (live.html, live.latex):
        assert written(text, SYNONYMS.get(format_name, format_name)) == text
    assert not found(text, format_name)


@pytest.mark.parametrize("format_name", TABLES)
def test_an_oracle_sees_what_is_not_escaped(format_name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ESCAPES, SYNONYMS.get(format_name, format_name), lambda text: text)
    seen = [text for text in PAYLOADS if found(text, format_name)]
    # Nothing is live in what is only drawn.
    assert bool(seen) == (live.TABLES[format_name] is not live.plain)


@pytest.mark.parametrize("format_name", TABLES)
def test_no_payload_is_live(format_name: str) -> None:
    alive = {text: what for text in PAYLOADS if (what := found(text, format_name))}
    assert not alive


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "gbk"])
@pytest.mark.parametrize("format_name", TABLES)
@pytest.mark.slow
def test_no_payload_is_live_where_an_encoding_lacks_its_signs(format_name: str, encoding: str) -> None:
    alive = {text: what for text in PAYLOADS if (what := found(text, format_name, encoding))}
    assert not alive


@pytest.mark.parametrize("format_name", TABLES)
@settings(max_examples=150, deadline=None)
@given(hostile_text)
@pytest.mark.slow
def test_no_text_is_live(format_name: str, text: str) -> None:
    # docutils counts cells otherwise where characters combine, and then takes no table for one.
    assume(not (format_name == "rst" and any(map(unicodedata.combining, text))))
    assert not found(text, format_name)


@pytest.mark.parametrize("format_name", [name for name in TABLES if live.TABLES[name] is live.plain])
@pytest.mark.parametrize("text", ["a | b", "│", "x ┃ y ║", "||"])
def test_no_cell_has_a_bar_of_its_own_between_drawn_bars(format_name: str, text: str) -> None:
    body = render_table(table(text), format_name, Style()).split("\n\n")[1]
    benign = render_table(table("conv1"), format_name, Style()).split("\n\n")[1]
    if BARS.search(benign):
        assert {len(BARS.findall(line)) for line in body.splitlines()} == {
            len(BARS.findall(line)) for line in benign.splitlines()
        }


# Nothing is lost


def read_markdown(text: str) -> str:
    (inline,) = (token for token in MarkdownIt("commonmark").parse(text) if token.type == "inline")
    return "".join(part.content for part in inline.children or ())


def read_rst(text: str) -> str:
    return publish_doctree(text, settings_overrides={"_disable_config": True, "report_level": 5}).astext()


def read_full_width(text: str) -> str:
    return unicodedata.normalize("NFKC", text)


READERS = {
    "github": read_markdown,
    "rst": read_rst,
    **dict.fromkeys(("asciidoc", "jira", "mediawiki", "moinmoin", "textile", "html"), unescape),
    **dict.fromkeys(("orgtbl", "youtrack"), read_full_width),
    "csv": lambda text: text.removeprefix("'"),
}


@pytest.mark.parametrize("format_name", READERS)
@settings(max_examples=150, deadline=None)
@given(hostile_text.map(printable).map(str.strip).filter(bool) | st.sampled_from(PAYLOADS).map(printable))
def test_what_is_read_is_what_was_written(format_name: str, text: str) -> None:
    text = text.strip()
    # What an apostrophe stands before already; and what stands for nothing in a cell.
    assume(not (format_name == "csv" and text.startswith("'")) and text not in ("-", "+"))
    back = READERS[format_name](written(text, format_name))
    if format_name in ("orgtbl", "youtrack"):
        text = read_full_width(text)
    # Markdown ends a line at no blank.
    assert " ".join(back.split()) == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        ("3 · 5 = 15, 50 % (C² ≤ 9); bias=no", "3 · 5 = 15, 50 % (C² ≤ 9); bias=no"),
        ("a|b", r"a\|b"),
        ("a\\|b", r"a\\\|b"),
        ("`x` *y* _z_ ~w~ [l](u)", r"\`x\` \*y\* \_z\_ \~w\~ \[l\](u)"),
        ("<b>&amp;", "&lt;b&gt;&amp;amp;"),
        ("@user #12 !3", "`@user` `#12` `!3`"),
        ("@a@b", "`@a@b`"),
        # What stands between them is part of the first: one span, as two would end each other.
        ("#1deadbeefdeadbeef0www.a.example", "`#1deadbeefdeadbeef0www.a.example`"),
        ("GH-12 gh-12 GH-a", "`GH-12` `gh-12` GH-a"),
        ("em.yaml:4:5: x", "em.yaml:4:5: x"),
        ("em.yaml:100:5 :tada: a:+1: 3: 4", "em.yaml`:100:`5 `:tada:` a`:+1:` 3: 4"),
        ("https://x.y www.x.y", "`https://x.y` `www.x.y`"),
        ("# a", r"\# a"),
        ("1. a", r"1\. a"),
        ("see abcdef0.", "see `abcdef0`."),
        ("138,357,544 (74.3 %), decade, 123456", "138,357,544 (74.3 %), decade, 123456"),
    ],
)
def test_markdown_is_escaped_only_where_it_is_live(text: str, markdown: str) -> None:
    assert written(text, "github") == markdown


@pytest.mark.parametrize(
    ("text", "format_name", "shown"),
    [
        ("*b* a@b", "rst", r"\*b\* a\@b"),
        ("[[x]] 卷积", "mediawiki", "&#91;&#91;x&#93;&#93; 卷积"),
        ("RFC 2822", "mediawiki", "&#82;FC 2822"),
        ("{html}", "youtrack", "｛html｝"),
        ("a | b", "psql", "a ｜ b"),
        ("a | b", "simple", "a | b"),
        ("50 % of a_b", "latex", r"50 \% of a\_b"),
        ("[1]", "latex", "{}[1]"),
        ("=1+1", "csv", "'=1+1"),
        ("-49C^2 + 3", "csv", "-49C^2 + 3"),
        ("-1,234", "tsv", "-1,234"),
    ],
)
def test_other_formats_have_their_own_way(text: str, format_name: str, shown: str) -> None:
    assert written(text, format_name) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain 卷积 é", "plain 卷积 é"),
        ("❤\ufe0f", "❤\ufe0f"),
        ("a\ufe0fb", "a�b"),
        ("a\xa0b\u3000c\td", "a b c d"),
        ("a\nb\u2028c", "a�b�c"),
        ("\u202ea\u200b", "�a�"),
        ("\ud800\udcff", "��"),
    ],
)
def test_what_nobody_sees_is_replaced_and_the_length_stays(text: str, shown: str) -> None:
    assert printable(text) == shown
    assert len(shown) == len(text)
