"""Comments that silence findings: `# rfcalc: ignore[RF203] reason`.

Such a comment holds for its line; alone on a line, for the next line that is no comment; on the line of
a block's signature, for the whole block; alone before the first key, for the whole file.  It names its
rules, so that what it silences is what was meant, and one that silences nothing is a finding itself.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator

from rfcalc.errors import DescriptionError, Position, Source, quoted
from rfcalc.lint.finding import Finding
from rfcalc.lint.registry import code_of, nearest_rule
from rfcalc.lint.rules.rf900_cannot_be_built import find as cannot_be_built
from rfcalc.lint.rules.rf901_unused_ignore import find as unused_ignore
from rfcalc.records import NamedTuple
from rfcalc.spec.comments import Comment, comments
from rfcalc.spec.document import read_document
from rfcalc.spec.syntax import Block
from rfcalc.spec.trees import within
from rfcalc.wildcards import name_glob

# What speaks to rfcalc, wherever it stands in a comment: another comment, or a reason, may come before it.
_MARK = re.compile(r"(?<!\S)#\s*rfcalc\s*:", re.IGNORECASE)
_IGNORE = re.compile(r"#\s*rfcalc\s*:\s*ignore\s*\[([^\]]*)\](.*)", re.IGNORECASE)
MOST_HINTS = 50
NEVER_IGNORED = (cannot_be_built.code, unused_ignore.code)
_FORM = "write `# rfcalc: ignore[RF203] reason`, with the codes of the rules joined by commas"


class Ignore(NamedTuple):
    """One code of one comment, and the lines of the source it holds for, the last one included.

    Line 0 is the file itself: what stands in no line of its text.
    """

    code: str
    position: Position
    first: int
    last: int


class StatedIgnore(NamedTuple):
    """One code of an entry of `[[ignores]]` of a configuration, for networks whose files hold no comments.

    network: the glob of the networks it holds for, by path or shipped name.  layer: the glob of the layers,
    or of blocks around them; "" for all, and for findings about a network as a whole.  position: of the code.
    """

    network: str
    layer: str
    code: str
    position: Position

    def covers(self, finding: Finding) -> bool:
        """Whether it silences a finding about a network that it holds for."""
        if finding.code != self.code:
            return False
        parts = finding.layer.split(".")
        around = (".".join(parts[:count]) for count in range(1, len(parts) + 1))
        return not self.layer or (finding.layer != "" and any(map(name_glob(self.layer), around)))

    def idle(self) -> Finding:
        """What is found where it silences nothing."""
        return unused_ignore.finding(
            f"this ignore of {self.code} ignores nothing",
            self.position,
            f"remove it: nothing that it holds for breaks {self.code}",
        )


class Ignores(NamedTuple):
    """The ignores of a source, and the findings about comments that are none though they try to be."""

    found: tuple[Ignore, ...]
    mistakes: tuple[Finding, ...]


def read_ignores(source: Source, blocks: Iterable[Block] = ()) -> Ignores:
    """The ignores in the comments of a source that can be read; blocks: those it defines."""
    if not _MARK.search(source.text):
        return Ignores((), ())
    lines = _Lines(source, blocks)
    found: list[Ignore] = []
    mistakes: list[Finding] = []
    for comment in _parts(comments(source)):
        match = _IGNORE.match(comment.text)
        if match is None or not match[1].strip(" ,"):
            what = "this comment speaks to rfcalc but is no ignore"
            if match or re.match(r"#\s*rfcalc\s*:\s*ignore\b", comment.text, re.IGNORECASE):
                what = "this ignore does not name the rules it ignores"
            mistakes.append(unused_ignore.finding(what, comment.position, _FORM))
            continue
        first, last = lines.span(comment)
        start = comment.position.column + match.start(1)
        for named in re.finditer(r"[^,\s]+", match[1]):
            word = named[0]
            place = comment.position._replace(column=start + named.start(), end=start + named.end())
            code = code_of(word)
            if code is None:
                # Looking for what is near takes long where very much is wrong.
                hint = nearest_rule(word) if len(mistakes) < MOST_HINTS else ""
                mistakes.append(unused_ignore.finding(f"no rule is called {quoted(word)}", place, hint))
            elif code in NEVER_IGNORED:
                mistakes.append(unused_ignore.finding(f"{code} cannot be ignored by a comment", place, ""))
            else:
                found.append(Ignore(code, place, first, last))
    return Ignores(tuple(found), tuple(mistakes))


def ignore_mistakes(source: Source) -> tuple[Finding, ...]:
    """What is wrong with the ignores of a source that cannot be built; none where it is no document."""
    if not _MARK.search(source.text):
        return ()
    try:
        read_document(source)
    except DescriptionError:
        return ()
    return read_ignores(source).mistakes


def apply_ignores(
    findings: Iterable[Finding], ignores: Ignores, codes: Collection[str]
) -> tuple[tuple[Finding, ...], int]:
    """The findings that no comment silences with those about comments, and how many are silenced.

    codes: the rules that were looked for; nothing is said of an ignore for another rule.
    """
    every = tuple(findings)
    source = next((ignore.position.source for ignore in ignores.found), None)
    lines: dict[str, list[int]] = {}
    for finding in every:
        lines.setdefault(finding.code, []).append(_line(finding, source))
    for found in lines.values():
        found.sort()
    # Of each rule how many of its findings, line by line, have been gone through.
    done = dict.fromkeys(lines, 0)
    idle: list[Ignore] = []
    ignored: set[tuple[str, int]] = set()
    for ignore in sorted(dict.fromkeys(ignores.found), key=lambda each: each.first):
        found = lines.get(ignore.code, [])
        first, end = bisect_left(found, ignore.first), bisect_right(found, ignore.last)
        if first < end:
            new = found[max(first, done[ignore.code]) : end]
            ignored.update((ignore.code, line) for line in new)
            done[ignore.code] = max(end, done[ignore.code])
        elif ignore.code in codes:
            idle.append(ignore)
    kept = [finding for finding in every if (finding.code, _line(finding, source)) not in ignored]
    silenced = len(every) - len(kept)
    if unused_ignore.code in codes:
        kept += ignores.mistakes
        kept += [
            unused_ignore.finding(
                f"this ignore of {ignore.code} ignores nothing",
                ignore.position,
                f"remove it: nothing that it holds for breaks {ignore.code}",
            )
            for ignore in idle
        ]
    return tuple(kept), silenced


def _line(finding: Finding, source: Source | None) -> int:
    """The line of a source that a finding stands in; 0 for none."""
    place = finding.position
    return place.line if place is not None and place.source == source else 0


def _parts(every: Iterable[Comment]) -> Iterator[Comment]:
    """The parts of comments that speak to rfcalc, each to where the next begins."""
    for comment in every:
        starts = [mark.start() for mark in _MARK.finditer(comment.text)]
        for number, start in enumerate(starts, 1):
            end = starts[number] if number < len(starts) else len(comment.text)
            place = comment.position
            place = place._replace(column=place.column + start, end=place.column + end)
            yield comment._replace(text=comment.text[start:end], position=place)


class _Lines:
    """The lines of a source: which comments apply to which."""

    def __init__(self, source: Source, blocks: Iterable[Block]) -> None:
        lines = source.text.splitlines()
        # For each number of a line the first line behind it that is no comment.
        self._below = [len(lines) + 1]
        for number in range(len(lines), 0, -1):
            text = lines[number - 1].strip()
            self._below.append(number if text and not text.startswith("#") else self._below[-1])
        self._below.reverse()
        # For each line with a signature the last line of what it begins.
        self._ends: dict[int, int] = {}
        for block in blocks:
            if block.position.source == source:
                line = block.position.line
                parts = (place.line for place in within(block, Position))
                self._ends[line] = max(self._ends.get(line, line), *parts)

    def span(self, comment: Comment) -> tuple[int, int]:
        """The first and the last line that a comment holds for; line 0 stands for the file itself."""
        if comment.leading:
            return 0, len(self._below)
        line = comment.position.line
        if comment.alone:
            # Comments may follow each other; they all apply to the line below.
            line = self._below[line]
        return line, self._ends.get(line, line)
