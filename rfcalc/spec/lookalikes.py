"""Characters that look like those of the language and are others, as Chinese keyboards type them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rfcalc.errors import DescriptionError, Diagnostic, Source, listed, printable
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import ReportRead

# What compatibility forms do not say; letters of other alphabets are those that are drawn like ours.
_MEANT = {
    **dict.fromkeys("‘’‚‛′´", "'"),
    **dict.fromkeys("“”„‟″«»「」『』", '"'),
    **dict.fromkeys("‐‑‒–—―−", "-"),
    **dict.fromkeys("、，", ","),
    **dict.fromkeys("。·•∙⋅", "."),
    **dict.fromkeys("【〔［", "["),
    **dict.fromkeys("】〕］", "]"),
    **dict.fromkeys("∶꞉ː", ":"),
    **dict.fromkeys("×✕✖⨯х", "x"),
    **dict.fromkeys("∗⁎✱", "*"),
    **dict.fromkeys("∕⁄÷", "/"),
    **dict(zip("асеорукмвнтіјѕһ", "aceopykmbhtijsh", strict=True)),
    **dict(zip("АВСЕНКМОРТХ", "ABCEHKMOPTX", strict=True)),
}
# Of these a description holds any text; so do comments.
_FREE_TEXT = re.compile(r"(?:^|[\s{,-])(?:name|source|text|zh)\s*:(?=\s|$)")
_COMMENT = re.compile(r"(?:^|\s)#")
# Of one line so many are named.
_MOST_KINDS = 8
_BLANKS = " \t\n\r\f\v"
# A line that is longer is not written out as it is meant, nor looked at for it.
_LONGEST_REWRITTEN = 1_000
# A product is what is meant by the sign in the value of these.
_PRODUCT = re.compile(r"\b(?:d|out_channels|g|groups|rate|squeeze)\s*=[^\s=]*|\b(?:repeat|when|let):[^,]*")
_QUOTED_VALUE = re.compile(r"=(['\"])([^'\"]*)\1")
_BETWEEN_ARGUMENTS = re.compile(r"\s*,\s*(?=\w+\s*=)")


class _Lookalike(NamedTuple):
    """A character of a line: where it stands, and what is meant."""

    place: int
    character: str
    meant: str


def naming_lookalikes(error: DescriptionError) -> DescriptionError:
    """The error with each line in which a lookalike stands blamed for that, and for nothing else.

    The lines are those of the texts that its findings are about.
    """
    sources = {finding.position.source for finding in error.diagnostics if finding.position}
    texts = [source for source in sources if not source.text.isascii() and not source.places]
    if not texts or isinstance(error, ReportRead):
        return error
    found = {(source, number): finding for source in texts for number, finding in _findings(source)}
    if not found:
        return error
    blamed = {(each.position.source, each.position.line) for each in error.diagnostics if each.position}
    theirs = set(found)
    for source, line in found.keys() - blamed:
        # What YAML makes of such a line it says of the one before or behind.
        theirs |= {(source, line - 1), (source, line + 1)}
    kept = [
        each
        for each in error.diagnostics
        if each.position is None or (each.position.source, each.position.line) not in theirs
    ]
    problems = Problems()
    try:
        problems.extend([*kept, *found.values()])
        problems.raise_any()
    except DescriptionError as named:
        return named
    return error


def _findings(source: Source) -> Iterator[tuple[int, Diagnostic]]:
    for number, start, line in _code_lines(source.text):
        lookalikes = [*_in_line(line)]
        if lookalikes:
            yield number, _finding(source, start, line, lookalikes)


def _finding(source: Source, start: int, line: str, lookalikes: list[_Lookalike]) -> Diagnostic:
    first = lookalikes[0]
    meant = dict.fromkeys(each.meant for each in lookalikes)
    characters = dict.fromkeys(each.character for each in lookalikes)
    if len(characters) > _MOST_KINDS:
        characters, meant = (dict.fromkeys([*each][:_MOST_KINDS]) for each in (characters, meant))
    if len(characters) == 1:
        what = f"{_named(first.character)} stands where {_shown(first.meant)} is meant"
    else:
        is_meant = f"{listed(map(_shown, meant))} {'is' if len(meant) == 1 else 'are'} meant"
        what = f"{listed(map(_coded, characters))} stand where {is_meant}"
    place = source.at(start + first.place, start + first.place + 1)
    return Diagnostic(what, place, hint=_rewritten(source.line(place.line), lookalikes))


def _named(character: str) -> str:
    from unicodedata import name

    code, called = f"U+{ord(character):04X}", name(character, "a sign without a name").lower()
    return f"{code} ({called})" if character.isspace() else f"{printable(character)!r} ({code}, {called})"


def _coded(character: str) -> str:
    code = f"U+{ord(character):04X}"
    return code if character.isspace() else f"{printable(character)!r} ({code})"


def _shown(meant: str) -> str:
    return "a space" if meant == " " else "the letter 'x'" if meant == "x" else repr(meant)


def _rewritten(line: str, lookalikes: list[_Lookalike]) -> str:
    """The line as it is meant; commas between arguments go, which no line of a layer has."""
    if len(line) > _LONGEST_REWRITTEN:
        return ""
    signs = list(line)
    for each in lookalikes:
        signs[each.place] = each.meant
    text = "".join(signs).strip()
    dash, bare = "- " * bool(re.match(r"-\s", text)), re.sub(r"^-\s+", "", text)
    # Layers on the command line have no dash, and no line with a colon is one of theirs.
    if (dash or ":" not in bare) and not bare.startswith(("{", "[", '"', "'")):
        from rfcalc.spec.foreign_calls import as_lines

        if "(" in bare and (hint := as_lines(bare)):
            return hint
        bare = _QUOTED_VALUE.sub(r"=\2", _BETWEEN_ARGUMENTS.sub(" ", bare))
    text = f"{dash}{bare}"
    text = re.sub(r"(?<=\w):(?=[^\s:])", ": ", text, count=1) if _is_key_without_space(text) else text
    return f"write: {text}" if len(text) <= 100 else ""


def _is_key_without_space(text: str) -> bool:
    """Whether a line is `key:value`; the sign that was typed is as wide as ours with a space."""
    return re.match(r"(?:- )?[a-z_]+:[^\s:]", text) is not None and ": " not in text


def _in_line(line: str) -> Iterator[_Lookalike]:
    # In one pass: a search before each sign would take the square of their number.
    products = _products(line)
    for place, character in enumerate(line):
        if character > "\x7f":
            meant = _meant(character)
            if place in products:
                meant = "*"
            if meant:
                yield _Lookalike(place, character, meant)


def _products(line: str) -> frozenset[int]:
    """The places of the signs × of a line that stand for a product."""
    values = (found.span() for found in _PRODUCT.finditer(line))
    return frozenset(place for start, end in values for place in range(start, end) if line[place] == "×")


def _meant(character: str) -> str:
    """The sign of the language that a character is taken for; "" for none."""
    if character in _MEANT:
        return _MEANT[character]
    if character.isspace():
        # Not an end of line of another kind, nor a control character.
        return " " if character >= "\xa0" and character not in "\u2028\u2029" else ""
    from unicodedata import normalize

    # Full-width forms, and others that Unicode knows as one of our signs.
    plain = normalize("NFKC", character)
    return plain if len(plain) == 1 and "!" <= plain <= "~" else ""


def _code_lines(text: str) -> Iterator[tuple[int, int, str]]:
    """The number of each line, where it starts, and what of it is neither a comment nor free text."""
    start = 0
    within: int | None = None
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        here, start = start, start + len(line)
        code = source_line.rstrip(_BLANKS) if (source_line := line.splitlines()[0]) else ""
        indent = len(code) - len(code.lstrip(" "))
        if within is not None and (not code or indent > within):
            continue
        within = None
        if code.isascii():
            pass
        elif comment := _COMMENT.search(code):
            code = code[: comment.start()]
        if free := _FREE_TEXT.search(code):
            # What continues it is indented deeper than the key.
            within = (
                len(code[: free.end()]) - len(code[: free.end()].lstrip(" -{")) if "{" not in code else None
            )
            code = code[: free.end()]
        if not code.isascii():
            yield number, here, code
