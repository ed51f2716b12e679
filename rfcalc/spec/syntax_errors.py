"""What PyYAML's two parsers complain of, in words that say what to write instead."""

from __future__ import annotations

import re

from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import (
    BOTH_ENDS,
    DEEPEST_NESTING,
    DIRECTIVE,
    NO_CHARACTER,
    QUOTE,
    TAG,
    TIGHT_COLON,
    WRITE_IT,
)


class Complaint(NamedTuple):
    """A reworded syntax error: its place (an index in the text), and an earlier one it refers to."""

    message: str
    place: int
    hint: str = ""
    opening: int | None = None
    opened: str = ""


class _Rewording(NamedTuple):
    """Rewords the complaints whose problem and context contain these words.

    early: the blame is where the construct began, not where reading stopped.
    opened: what to say of the beginning, as a second place.
    """

    problem: str
    context: str
    message: str
    hint: str = ""
    early: bool = False
    opened: str = ""


_QUOTES = "use single quotes, or write \\\\ for a backslash"
_COLON = "quote a text that contains a colon and a space"
_INNER_QUOTE = "within single quotes a quote is written twice: 'it''s'"
_KEY = "expected another 'key: value', indented like the first"
_ITEM = "expected another '- item', indented like the first"

_BRACKETS = re.compile(r"[\[\]{}]|'[^']*'" + r'|"(?:[^"\\]|\\.)*"')

# libyaml and the Python parser word most problems differently; a rule matches either.  The first wins.
_RULES = (
    _Rewording("unexpected ':'", "", TIGHT_COLON, BOTH_ENDS),
    _Rewording("end of stream", "quoted scalar", "this quote is never closed", early=True),
    _Rewording(
        "document", "quoted scalar", "this quote is not closed before the end of the document", early=True
    ),
    _Rewording("unknown escape", "", "{character} after a backslash in double quotes is no escape", _QUOTES),
    _Rewording("hex", "scalar", "an escape with too few hexadecimal digits", _QUOTES),
    _Rewording("escape code", "", NO_CHARACTER, WRITE_IT),
    _Rewording("expected ':'", "simple key", "this line is neither 'key: value' nor '- item'", early=True),
    _Rewording(
        "values are not allowed", "", "a colon and a space make a key, and no key can stand here", _COLON
    ),
    _Rewording(
        "entries are not allowed", "", "a list item cannot start here", "start it on a line of its own"
    ),
    _Rewording("keys are not allowed", "", "a '?' and a space make a key, and no key can stand here", QUOTE),
    _Rewording(
        "cannot start any token", "", "an unquoted text cannot start with {character}", "quote the text"
    ),
    _Rewording("document indicator", "", "'---' or '...' at the start of a line ends the document too early"),
    _Rewording("document start", "", "this stands after the end of the description"),
    _Rewording(
        "", "block scalar", "after '|' or '>' a new line must follow, then the text, indented with spaces"
    ),
    _Rewording(
        "", "scanning an a", "'&' and '*' start the name of an anchor: letters, digits, '-', '_'", QUOTE, True
    ),
    _Rewording("", "directive", DIRECTIVE, QUOTE, True),
    _Rewording("tag", "", TAG, QUOTE, True),
    _Rewording("", "tag", TAG, QUOTE, True),
    _Rewording("node content", "", "something is missing before {character}"),
    _Rewording("", "flow sequence", "expected ',' or ']' before {character}", opened="the list starts here"),
    _Rewording(
        "", "flow mapping", "expected ',' or '}}' before {character}", opened="the mapping starts here"
    ),
    _Rewording("", "block mapping", _KEY, opened="the first key"),
    _Rewording("", "block collection", _ITEM, opened="the first item"),
)


def reword(problem: str, context: str, found: int, began: int | None, text: str) -> Complaint:
    """A parser's complaint in plain words.

    problem, context: the parser's own words; found, began: the indices in the text they are about.
    """
    for rule in _RULES:
        if rule.problem in problem and rule.context in context:
            break
    else:
        return Complaint(problem or "this is not YAML", found)
    if rule.hint == _COLON and (complaint := _deeper_key(text, found) or _missing_colon(text, found)):
        return complaint
    at_end = not text[found:].strip()
    if at_end and began is not None and "flow" in rule.context:
        return Complaint(f"this {text[began]!r} is never closed", began)
    if "block " in rule.context and text[:found].rstrip(" ").endswith(("'", '"')):
        return Complaint("this stands after the closing quote", found, _INNER_QUOTE)
    message = rule.message
    indent = _indent(text, found)
    block = rule.context.startswith("block ")
    if block and began is not None and indent is not None and indent != _indent(text, began):
        message = (
            f"this line is indented by {indent} {'space' if indent == 1 else 'spaces'}, like none above it"
        )
    message = message.format(character=_character(text, found))
    if rule.early and began is not None:
        return Complaint(message, began, rule.hint)
    return Complaint(message, found, rule.hint, began if rule.opened else None, rule.opened)


def _deeper_key(text: str, colon: int) -> Complaint | None:
    """The complaint about a key that is indented deeper than the one above, whose value it goes on then."""
    start = text.rfind("\n", 0, colon) + 1
    above = text[:start].rstrip()
    before = above[above.rfind("\n") + 1 :]
    key = before.lstrip(" -")
    line = text[start:colon]
    indent, wanted = len(line) - len(line.lstrip()), len(before) - len(key)
    is_key = re.match(r"[\w.]+$", line.strip())
    if indent <= wanted or not is_key or not re.match(r"[\w.]+\s*:\s+\S", key):
        return None
    message = f"this key is indented by {indent} spaces, the one above by {wanted}"
    how = f"indent it by {wanted} spaces, too" if wanted else "begin it in the first column"
    hint = f"{how}; indented deeper it is a part of the value above"
    return Complaint(message, start + indent, hint, len(above) - len(key), "the key above")


def _missing_colon(text: str, colon: int) -> Complaint | None:
    """The complaint about the line above a key that is `input 8x8x3` without a colon."""
    above = text[: text.rfind("\n", 0, colon) + 1].rstrip()
    start = above.rfind("\n") + 1
    word = re.match(r"([a-z_]+) +[^\s:]+$", above[start:])
    if word is None:
        return None
    return Complaint(
        f"a colon is missing behind {word[1]!r}",
        start + word.end(1),
        f"write: {above[start:].replace(' ', ': ', 1)[:100]}",
    )


def too_deep(text: str, start: int, depth: int) -> int:
    """The index of the bracket that nests too deep, where depth collections are open at start.

    For what libyaml refuses before it tells of the brackets: it reads ahead while all it has read may
    still be a key, which is at most 1,024 characters of one line.
    """
    for found in _BRACKETS.finditer(text, start):
        depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(found[0], 0)
        if depth > DEEPEST_NESTING:
            return found.start()
    return start


def _character(text: str, index: int) -> str:
    """What stands at an index, as a message names it."""
    if not text[index:].strip():
        return "the end of the text"
    # The parsers blame an escape's backslash or what follows it.
    shown = text[index + 1] if text[index] == "\\" and index + 1 < len(text) else text[index]
    return repr(shown) if shown > " " else "the end of the line"


def _indent(text: str, index: int) -> int | None:
    """The column of the character at an index if it is the first of its line, else None."""
    start = max(text.rfind("\n", 0, index), text.rfind("\r", 0, index)) + 1
    return index - start if not text[start:index].strip() else None
