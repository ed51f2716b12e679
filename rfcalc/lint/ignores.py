"""Comments that silence findings: `# rfcalc: ignore[RF203] reason`.

Such a comment holds for its line; alone on a line, for the next line that is no comment; on the line of
a block's signature, for the whole block; alone before the first key, for the whole file.  It names its
rules, so that what it silences is what was meant, and one that silences nothing is a finding itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

from rfcalc.errors import Position, Source, nearest, quoted
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import MODULE_OF
from rfcalc.lint.rules.rf900_cannot_be_built import RULE as CANNOT_BE_BUILT
from rfcalc.lint.rules.rf901_unused_ignore import RULE as UNUSED
from rfcalc.lint.selection import code_of
from rfcalc.spec.comments import Comment, comments
from rfcalc.spec.syntax import Block

# A quick look that spares most descriptions the search for comments.
_MARK = re.compile(r"#\s*rfcalc\s*:", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*rfcalc\s*:\s*ignore\s*\[([^\]]*)\](.*)", re.IGNORECASE)
_FORM = "write `# rfcalc: ignore[RF203] reason`, with the codes of the rules joined by commas"


class Ignore(NamedTuple):
    """One code of one comment, and the lines of the source it holds for, the last one included."""

    code: str
    position: Position
    first: int
    last: int

    def covers(self, finding: Finding) -> bool:
        """Whether it silences the finding."""
        place = finding.position
        if finding.code != self.code:
            return False
        if place is None or place.source.name != self.position.source.name:
            # What stands in no line of this text belongs to the file as a whole.
            return self.first == 0
        return self.first <= place.line <= self.last


class Ignores(NamedTuple):
    """The ignores of a source, and the findings about comments that are none though they try to be."""

    found: tuple[Ignore, ...]
    mistakes: tuple[Finding, ...]


def read_ignores(source: Source, blocks: Iterable[Block] = ()) -> Ignores:
    """The ignores in the comments of a source that can be read; blocks: those it defines."""
    if not _MARK.search(source.text):
        return Ignores((), ())
    lines = source.text.splitlines()
    signatures = {block.position.line for block in blocks if block.position.source == source}
    found: list[Ignore] = []
    mistakes: list[Finding] = []
    for comment in comments(source):
        if not _MARK.match(comment.text):
            continue
        match = _IGNORE.match(comment.text)
        if match is None or not match[1].strip(" ,"):
            what = "this comment speaks to rfcalc but is no ignore"
            if match or re.match(r"#\s*rfcalc\s*:\s*ignore\b", comment.text, re.IGNORECASE):
                what = "this ignore does not name the rules it ignores"
            mistakes.append(_finding(what, comment.position, _FORM))
            continue
        first, last = _lines(comment, lines, signatures)
        for word, place in _words(match, comment):
            code = code_of(word)
            if code is None:
                hint = nearest(word.upper(), MODULE_OF) or "`rfcalc rules` lists them"
                mistakes.append(_finding(f"no rule is called {quoted(word)}", place, hint))
            elif code in (CANNOT_BE_BUILT.code, UNUSED.code):
                mistakes.append(_finding(f"{code} cannot be ignored by a comment", place, ""))
            else:
                found.append(Ignore(code, place, first, last))
    return Ignores(tuple(found), tuple(mistakes))


def apply_ignores(
    findings: Iterable[Finding], ignores: Ignores, codes: Collection[str]
) -> tuple[tuple[Finding, ...], int]:
    """The findings that no comment silences with those about comments, and how many are silenced.

    codes: the rules that were looked for; nothing is said of an ignore for another rule.
    """
    if not ignores.found and not ignores.mistakes:
        return tuple(findings), 0
    used: set[Ignore] = set()
    kept: list[Finding] = []
    silenced = 0
    for finding in findings:
        covering = [ignore for ignore in ignores.found if ignore.covers(finding)]
        if covering:
            used.update(covering)
            silenced += 1
        else:
            kept.append(finding)
    if UNUSED.code in codes:
        kept += ignores.mistakes
        kept += [
            _finding(
                f"this ignore of {ignore.code} ignores nothing",
                ignore.position,
                "remove it: nothing fires here",
            )
            for ignore in dict.fromkeys(ignores.found)
            if ignore not in used and ignore.code in codes
        ]
    return tuple(kept), silenced


def _words(match: re.Match[str], comment: Comment) -> Iterator[tuple[str, Position]]:
    """The codes between the brackets, each with its place."""
    start = comment.position.column + match.start(1)
    for word in re.finditer(r"[^,\s]+", match[1]):
        place = comment.position._replace(column=start + word.start(), end=start + word.end())
        yield word[0], place


def _lines(comment: Comment, lines: list[str], signatures: Collection[int]) -> tuple[int, int]:
    """The first and the last line that a comment holds for; line 0 stands for the file itself."""
    if comment.leading:
        return 0, len(lines) + 1
    line = comment.position.line
    if comment.alone:
        # Comments may follow each other; they all speak of the line below.
        while line < len(lines) and (not (text := lines[line].strip()) or text.startswith("#")):
            line += 1
        line += 1
    if line not in signatures:
        return line, line
    # A block reaches as far as lines are indented more than its signature.
    margin = _indentation(lines[line - 1])
    last = line
    for number in range(line, len(lines)):
        text = lines[number].strip()
        if text and not text.startswith("#") and _indentation(lines[number]) <= margin:
            break
        last = number + 1
    return line, last


def _indentation(line: str) -> int:
    return len(line) - len(line.lstrip())


def _finding(message: str, position: Position, hint: str) -> Finding:
    return Finding(UNUSED.code, UNUSED.name, UNUSED.severity, message, position, hint=hint)
