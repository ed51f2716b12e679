"""What is live in a text of some markup: links, pictures, calls of persons, commands, anything but words.

Oracles that know the markups and nothing of the package: real parsers where there are such for Python, else a
grammar of what each markup takes for its own.  Each gives what is live, and nothing for harmless text.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator
from html.parser import HTMLParser

from docutils import nodes
from docutils.core import publish_doctree
from markdown_it import MarkdownIt
from markdown_it.token import Token

# Every character that commands a terminal or a reader's eye, or that cannot be seen.
UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u2800\u3164\ud800-\udfff\ufe00-\ufe0e\ufeff\uffa0\ufff9-\ufffb\U000e0000-\U000e0fff]"
)


def plain(text: str) -> Iterator[str]:
    """Characters that must not reach a reader in any format; tabs and ends of lines belong to some."""
    yield from map(ascii, UNSEEN.findall(text))


# What GitHub and GitLab look for in text outside code: persons and teams, addresses, issues and the like,
# commits, sites, pictures.
_REFERENCES = re.compile(
    r"@\w|(?<!\w)[#!&%$]\d|\w#\d|(?i:\bgh-\d)|\b(?=\d*[a-f])[0-9a-f]{7,40}\b|\w://|(?i:www\.)|//\w"
    r"|:(?:[0-9]*[a-z_+-][A-Za-z0-9_+-]*|100):",
)
_WORDS = {
    *("paragraph", "inline", "text", "softbreak", "code_inline", "text_special", "bullet_list", "list_item"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}


def markdown(text: str, *, also: frozenset[str] = frozenset()) -> Iterator[str]:
    """By CommonMark with GitHub's extensions; also: what the document is made of besides, such as `fence`."""
    parser = MarkdownIt("commonmark", {"html": True, "linkify": True})
    parser.enable(["table", "strikethrough", "linkify"])
    assert parser.linkify is not None
    # GitHub makes no links of words that end in the name of a country: layer1.bn.
    parser.linkify.set({"fuzzy_link": False})
    for token in _flat(parser.parse(text)):
        name = token.type.removesuffix("_open").removesuffix("_close")
        if name not in _WORDS | also and not (name == "html_inline" and token.content in also):
            yield f"{name} {token.content}".strip()
        if token.type == "inline":
            # What is code, and a break, ends a word.
            words = "".join(part.content if part.type == "text" else "\n" for part in token.children or ())
            yield from (found[0] for found in _REFERENCES.finditer(words))


def _flat(tokens: list[Token]) -> Iterator[Token]:
    for token in tokens:
        yield token
        yield from _flat(token.children or [])


def restructured_text(text: str) -> Iterator[str]:
    """By docutils: a document of paragraphs, a table and one list holds nothing else."""
    tree = publish_doctree(
        text,
        settings_overrides={
            "_disable_config": True,
            "report_level": 5,
            "halt_level": 5,
            "doctitle_xform": False,
        },
    )
    allowed = (nodes.document, nodes.paragraph, nodes.Text, nodes.table, nodes.tgroup, nodes.colspec)
    allowed += (nodes.thead, nodes.tbody, nodes.row, nodes.entry, nodes.bullet_list, nodes.list_item)
    for node in tree.findall():
        # An empty cell at the start of a row; what is told of short lines is no fault.
        empty = isinstance(node, nodes.comment) and not node.astext()
        if empty or (isinstance(node, nodes.system_message) and node["level"] < 2):
            continue
        nested = isinstance(node, nodes.bullet_list) and not isinstance(node.parent, nodes.document)
        # A dash alone, which stands for nothing, is an empty list to docutils.
        if not isinstance(node, allowed) or (nested and node.astext().strip()):
            yield f"{node.tagname if isinstance(node, nodes.Element) else node} {node.astext()[:60]}"


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        wanted = tag in {"p", "table", "thead", "tbody", "tr", "th", "td"}
        if not wanted or any(attribute != ("style", "text-align: right;") for attribute in attrs):
            self.found.append(self.get_starttag_text() or tag)

    def handle_comment(self, data: str) -> None:
        self.found.append(f"<!--{data}-->")

    handle_decl = handle_pi = unknown_decl = handle_comment


def html(text: str) -> Iterator[str]:
    """Elements other than paragraphs and tables, and attributes other than their alignment."""
    parser = _Tags()
    parser.feed(text)
    parser.close()
    yield from parser.found
    yield from ["</table>"] * (text.count("</table>") - text.count("<table>"))


# What the tables and formulas of the package are made of.
_LATEX_COMMANDS = {
    *("begin", "end", "hline", "toprule", "midrule", "bottomrule", "endhead", "paragraph", "text", "texttt"),
    *("textbackslash", "textasciitilde", "textsuperscript", "ensuremath", "ldots", "mathrm", "frac", "left"),
    *("right", "lfloor", "rfloor", "lceil", "rceil", "quad", "sum", "prod", "cdot", "times", "geq", "leq"),
    *("alpha", "beta", "delta", "varepsilon", "rightarrow", "sqrt", "max", "min"),
}
_LATEX_ENVIRONMENTS = {"tabular", "longtable", "align*"}


def latex(text: str) -> Iterator[str]:
    """Commands that the package does not write, and signs that mean something where text should stand."""
    for line in text.split("\n"):
        if line.startswith("%"):
            continue
        if re.search(r"(?<!\\)(?:\\\\)*%", line):
            yield f"comment in {line}"
        yield from (name for name in re.findall(r"\\([A-Za-z]+)", line) if name not in _LATEX_COMMANDS)
        yield from (
            name
            for name in re.findall(r"\\(?:begin|end)\{([^}]*)\}", line)
            if name not in _LATEX_ENVIRONMENTS
        )
        # The signs left when escapes, formulas and commands are taken away.
        rest = re.sub(r"\\[&%$#_{}^]", "x", re.sub(r"\\\\$", "", line))
        rest = re.sub(r"\\[A-Za-z]+", "", re.sub(r"\$[^$]*\$", "", rest))
        if "align*" not in text:
            yield from re.findall(r"[#_^~\\$]", rest)
            yield from re.findall(r"^ *[\[*]", rest)
        if rest.count("{") != rest.count("}"):
            yield f"a brace in {line}"


def delimited(separator: str) -> Callable[[str], Iterator[str]]:
    """Cells that a spreadsheet computes: signed numbers and polynomials are no danger."""

    def formulas(text: str) -> Iterator[str]:
        for row in csv.reader(io.StringIO(text), delimiter=separator):
            for cell in row:
                if re.match(r"\s*[=@＝＋－＠]", cell) or re.match(r"\s*[-+].*[(|!'\"&<>:;]", cell):
                    yield cell

    return formulas


_URL = r"\w://|(?i:www\.)|mailto:|(?<![\w.])[A-Za-z]+:[A-Za-z/]"
_PAIRS = r"(?<![\w&])([-+_*/=~^%!@`])(?! )(?:[^|\n]*?\S)?\1(?!\w)"
_DOUBLE = r"''|--(?=\W|$)|\w--|::(?!\d)|//|,,|~~|__|\*\*|\+\+|\$\$|==|!!|\(\(|\^[^|^\n]*\^"
_BLOCK = (
    r"(?m:^(?:(?![-+][0-9])[-*#;:=>+!.] ?(?=\S)|={1,6} |----|[ \t]+\S"
    r"|(?:h[1-6]|bq|bc|fn\d+|p|pre|table)\S*\. |\(?(?:\d+|[A-Za-z])[.)] "
    r"|(?:NOTE|TIP|WARNING|IMPORTANT|CAUTION): ))"
)


def _grammar(structure: str, *own: str, signs: str = r"[\[\]{}<>\\`|#@~]") -> Callable[[str], Iterator[str]]:
    """What is live in a markup of lines: signs, pairs of signs, and words of its own.

    structure: what its tables are made of.  Numeric references are text to all of them.
    """
    live = re.compile("|".join((signs, _URL, _DOUBLE, _BLOCK, *own)))

    def found(text: str) -> Iterator[str]:
        bare = re.sub(structure, "\n", re.sub(r"&#\d+;", "x", text), flags=re.MULTILINE)
        for line in map(str.strip, re.sub(r"(?m)^(- )+", "", bare).split("\n")):
            yield from (match[0] for match in live.finditer(line))
            yield from (match[0] for match in re.finditer(_PAIRS, line))

    return found


asciidoc = _grammar(r"^\[cols=.*\]$|^\|====$|\|", r'"`', r"\([CR]\)")
jira = _grammar(r"\|\|?", r"^(?:h[1-6]|bq)\.", r"\?\?", r"\((?:[!x/?*yin+-]|on|off)\)|[:;]-?[)(DP]")
mediawiki = _grammar(
    r'^\{\| class="wikitable".*$|^\|\+ <!-- caption -->$|^\|-$|^\|\}$'
    r'|(?:\|\|?|!!?)(?: style="text-align: right;"\|)?(?: |$)',
    r"\b(?:RFC|PMID|ISBN)\s+\d",
    r"&[#a-z]",
)
moinmoin = _grammar(r"\|\|(?:<style=\"text-align: right;\">)?|'''", r"(?<!\w)[A-Z][A-Za-z]+:[^\s]")
textile = _grammar(r"\|_\. ?|\|[<>]\. ?|\|", r"\?\?", r'":\S', r"\b[A-Z]{3,}\(")
orgtbl = _grammar(r"^\|[-+]+\|$|\|", r"\b(?:src|call)_\w", r"\bTODO ", r"&#")
youtrack = _grammar(r"\|\|?", r"&#")

# What is live in a table of each format; a format without an oracle fails.
TABLES: dict[str, Callable[[str], Iterator[str]]] = {
    **dict.fromkeys(("markdown", "github", "pipe"), markdown),
    "rst": restructured_text,
    "asciidoc": asciidoc,
    "jira": jira,
    "mediawiki": mediawiki,
    "moinmoin": moinmoin,
    "textile": textile,
    "orgtbl": orgtbl,
    "youtrack": youtrack,
    **dict.fromkeys(("html", "unsafehtml"), html),
    **dict.fromkeys(("latex", "latex_raw", "latex_booktabs", "latex_longtable"), latex),
    "csv": delimited(","),
    "tsv": delimited("\t"),
    **dict.fromkeys(("plain", "simple", "presto", "pretty", "psql", "grid", "outline", "colon_grid"), plain),
    **dict.fromkeys(("simple_grid", "rounded_grid", "heavy_grid", "mixed_grid", "double_grid"), plain),
    **dict.fromkeys(("simple_outline", "rounded_outline", "heavy_outline", "mixed_outline"), plain),
    **dict.fromkeys(("double_outline", "fancy_grid", "fancy_outline"), plain),
}
