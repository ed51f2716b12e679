"""YAML (and so JSON) as a frozen tree of scalars, sequences and mappings that knows its positions.

The tree is built from PyYAML's parse events with an explicit stack: composing recursively crashes on
deep nesting, and constructing would turn `no`, `010` and `1:30` into values nobody wrote.  All scalars
stay text.  libyaml's parser and PyYAML's own differ in corners (tabs, `?`, some escapes); each such
corner is refused here, so that both give the same tree or both a refusal.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, NoReturn

from rfcalc.errors import Position, Related, Source, nearest, quoted
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import (
    BOTH_ENDS,
    DEEPEST_NESTING,
    DIRECTIVE,
    NO_CHARACTER,
    QUOTE,
    TAG,
    TIGHT_COLON,
    TOO_DEEP,
    WRITE_IT,
    DocumentText,
    first_refused,
    named,
)
from rfcalc.spec.flow_items import FlowItem, split_items
from rfcalc.spec.nodes import (
    DocumentValue,
    MappingNode,
    ScalarNode,
    SequenceNode,
    balance,
    quote,
    unbalanced,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Protocol

    from yaml import MarkedYAMLError

    class _Mark(Protocol):
        index: int
        line: int
        column: int

    class _Event(Protocol):
        """A parse event; which of the later attributes it has depends on its class."""

        start_mark: _Mark
        end_mark: _Mark
        anchor: str | None
        tag: str | None
        value: str
        style: str | None
        flow_style: bool | None


MOST_NODES = 1_000_000


def read_document(source: Source) -> DocumentValue:
    """The tree of the one YAML document in a source; aliases share the node of their anchor.

    Raises DescriptionError, with every finding up to 50, for text that is not YAML, for what the
    description language leaves out of YAML (tags, directives, complex keys, several documents,
    duplicate keys), and past 8 MiB of text, 64 levels or a million nodes, aliases expanded.
    """
    return _EventReader(source).read()


def scalar_spans(source: Source) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of a source that `read_document` reads, and where its scalars stand in it, in order.

    A span is the indices of the first character and past the last.  What lies between the spans are
    the signs of YAML, space and comments.
    """
    import yaml

    loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
    text = DocumentText(source).text
    events = yaml.parse(text, loader)
    found = [event for event in events if isinstance(event, yaml.ScalarEvent)]
    return text, tuple(
        (event.start_mark.index, event.end_mark.index)
        for event in found
        if event.start_mark is not None and event.end_mark is not None
    )


class _Frame:
    """A collection being read; size and height count aliases as expanded.

    parts lists a flow collection's scalars, None for anything else: the material to recognise an
    item that a comma split; split says that some scalar's parentheses do not balance.
    """

    def __init__(self, start: int, position: Position, mapping: bool, flow: bool, anchor: str | None) -> None:
        self.start = start
        self.position = position
        self.mapping = mapping
        self.flow = flow
        self.anchor = anchor
        self.items: list[DocumentValue] = []
        self.entries: list[tuple[ScalarNode, DocumentValue]] = []
        self.keys: dict[str, ScalarNode] = {}
        self.key: ScalarNode | None = None
        self.parts: list[FlowItem | None] = []
        self.split = False
        self.size = 1
        self.height = 1

    def node(self) -> DocumentValue:
        if self.mapping:
            return MappingNode(tuple(self.entries), self.position, self.flow)
        return SequenceNode(tuple(self.items), self.position, self.flow)


class _Anchor(NamedTuple):
    """An anchored node, None while it is still being read, with its expanded size and height."""

    node: DocumentValue | None
    position: Position
    size: int = 1
    height: int = 0


class _EventReader(DocumentText):
    """One reading of one source: the state between events."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.questions = "?" in self.text
        self.frames: list[_Frame] = []
        self.anchors: dict[str, _Anchor] = {}
        self.root: DocumentValue | None = None
        self.documents = 0
        self.nodes = 0
        self.reached = 0  # the index past the last thing the parser reported

    def read(self) -> DocumentValue:
        self.check_text()
        import yaml

        try:
            # CSafeLoader is there only where PyYAML was built with libyaml.
            loader = yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader
            self.consume(loader(self.text).get_event)
        except yaml.MarkedYAMLError as error:
            self.stop_at_syntax(error)
        except (ValueError, OverflowError):
            # The Python parser's chr() of an escape past the last character.
            index = max(self.text.find("\\U", self.reached), 0)
            self.problems.stop(NO_CHARACTER, self.point(index), WRITE_IT)
        root = self.root
        if root is None or (isinstance(root, ScalarNode) and root.plain and not root.text):
            self.problems.stop(
                "the description is empty", self.point(0), "it needs at least an input and layers"
            )
        self.problems.raise_any()
        return root

    def consume(self, next_event: Callable[[], Any]) -> None:
        from yaml import events

        steps: dict[type, Callable[[_Event], None]] = {
            events.ScalarEvent: self.scalar,
            events.SequenceStartEvent: self.open,
            events.MappingStartEvent: partial(self.open, mapping=True),
            events.SequenceEndEvent: self.close,
            events.MappingEndEvent: self.close,
            events.AliasEvent: self.alias,
            events.DocumentStartEvent: self.document,
        }
        while not isinstance(event := next_event(), events.StreamEndEvent):
            if step := steps.get(type(event)):
                step(event)
        self.check_gap(len(self.text))

    def document(self, event: _Event) -> None:
        index = event.start_mark.index
        if self.text.startswith("%", index):
            self.problems.stop(DIRECTIVE, self.point(index), "remove the line")
        self.documents += 1
        if self.documents > 1:
            self.problems.stop(
                "a second document starts here; a description is one document", self.point(index)
            )

    def enter(self, event: _Event, tag: str | None, reached: _Mark) -> Position:
        """What holds for each node, before it is read: its position's start, and the caps.

        reached: the mark up to which the event tells what the text is.
        """
        start = event.start_mark
        self.check_gap(start.index)
        self.reached = max(self.reached, reached.index)
        position = self.span(start.line, start.column, start.column + 1)
        frame = self.frames[-1] if self.frames else None
        if start.line in self.tab_lines and not (frame and frame.flow) and start.index < event.end_mark.index:
            self.problems.stop(_TAB, position._replace(column=1, end=position.column))
        self.nodes += 1
        if self.nodes > MOST_NODES:
            self.problems.stop(f"the description has more than {MOST_NODES:,} values", position)
        if tag is not None:
            self.problems.add(TAG, position, QUOTE)
        return position

    def scalar(self, event: _Event) -> None:
        position = self.enter(event, event.tag, event.end_mark)
        text, plain, start, end = event.value, not event.style, event.start_mark.index, event.end_mark.index
        line, column = event.start_mark.line, event.start_mark.column
        if event.anchor is not None and (found := re.compile(_ANCHOR).match(self.text, start, end)):
            start = found.end()
            skipped = re.split(r"\r\n|\r|\n", found[0])
            line += len(skipped) - 1
            column = len(skipped[-1]) + (column if len(skipped) == 1 else 0)
        frame = self.frames[-1] if self.frames else None
        if event.style in ("|", ">") and re.compile(r"[|>][-+0-9]*#").match(self.text, start):
            self.problems.stop("a comment after '|' or '>' needs a space before it", position)
        multiline = event.end_mark.line != line or event.style in ("|", ">")
        inset: int | None = None
        if not multiline:
            position = self.span(line, column, event.end_mark.column)
            quote = 0 if plain else 1
            inset = quote if self.text[start + quote : end - quote] == text else None
        elif first_end := re.compile(r"[\r\n]").search(self.text, start):
            position = self.span(line, column, column + first_end.start() - start)
        if frame and frame.key and plain and not text:
            # The parsers place a value that is not there differently.
            position, multiline, inset = frame.key.position, False, None
        node = ScalarNode(text, position, plain, multiline, inset)
        if event.style == '"' and (odd := first_refused(text)) is not None:
            self.problems.add(f"{named(text[odd])} cannot stand in a description", position)
        if plain and multiline and re.match(r"-[^\W\d]", text):
            self.problems.add(
                "a list item needs a space after its dash", position, f"write '- {text[1:20]} …'"
            )
        if frame and frame.flow and text:
            self.check_flow_scalar(frame, FlowItem(node, start, end))
        if event.anchor is not None:
            self.define(event.anchor, _Anchor(node, position))
        self.place(node, position)

    def check_flow_scalar(self, frame: _Frame, part: FlowItem) -> None:
        frame.parts.append(part)
        text = part.scalar.text
        if not part.scalar.plain:
            return
        frame.split = frame.split or balance(text) != 0
        if "?" in text:
            hint = f"quote it: {quote(text)}"
            self.problems.add("a '?' in an unquoted text within brackets", part.scalar.position, hint)
        if not frame.mapping or frame.key or self.text.startswith(": ", part.end):
            return
        if re.compile(_TIGHT_COLON).match(self.text, part.end):
            self.problems.stop(TIGHT_COLON, self.point(self.text.index(":", part.end)), BOTH_ENDS)

    def open(self, event: _Event, mapping: bool = False) -> None:
        # A collection's first mark may be that of the `?` of a complex key.
        position = self.enter(event, event.tag, event.start_mark)
        frame = self.frames[-1] if self.frames else None
        if frame and frame.mapping and not frame.key:
            self.problems.stop("a key must be a text, not a list or a mapping", position, QUOTE)
        if len(self.frames) >= DEEPEST_NESTING:
            self.problems.stop(TOO_DEEP, position)
        if frame and frame.flow:
            frame.parts.append(None)
        if event.anchor is not None:
            self.define(event.anchor, _Anchor(None, position))
        flow = bool(event.flow_style)
        self.frames.append(_Frame(event.start_mark.index, position, mapping, flow, event.anchor))

    def close(self, event: _Event) -> None:
        frame = self.frames.pop()
        parent = self.frames[-1] if self.frames else None
        if frame.flow:
            self.check_gap(event.start_mark.index)
            self.reached = max(self.reached, event.end_mark.index)
            end = self.span(event.end_mark.line, 0, event.end_mark.column)
            if end.line == frame.position.line:
                frame.position = frame.position._replace(end=max(end.end, frame.position.end))
            if frame.split and parent and parent.flow and not self.text.startswith(("[", "{"), frame.start):
                # `max(c, s: 3)`: the pair without braces belongs to the item that the comma split.
                parent.parts[-1:] = frame.parts
                parent.split = True
            elif frame.split:
                self.problems.extend(split_items(frame.parts, self.text))
        node = frame.node()
        if frame.anchor is not None:
            self.anchors[frame.anchor] = _Anchor(node, frame.position, frame.size, frame.height)
        self.place(node, frame.position, frame.size, frame.height)

    def alias(self, event: _Event) -> None:
        position = self.enter(event, None, event.end_mark)
        name = event.anchor or ""
        position = position._replace(end=position.column + len(name) + 1)
        frame = self.frames[-1] if self.frames else None
        if frame and frame.mapping and not frame.key:
            self.problems.stop("a key must be a text, not an alias", position, QUOTE)
        if frame and frame.flow:
            frame.parts.append(None)
        anchor = self.anchors.get(name)
        if anchor is None:
            # Comparing with each of very many anchors would take minutes.
            hint = (nearest(name, self.anchors) if len(self.anchors) < 100 else "") or QUOTE
            self.problems.add(f"no anchor {quoted('&' + name)} stands before this alias", position, hint)
        elif anchor.node is None:
            related = (Related("the anchor", anchor.position),)
            self.problems.add(
                f"the alias {quoted('*' + name)} stands inside its own anchor", position, related=related
            )
        elif len(self.frames) + anchor.height > DEEPEST_NESTING:
            self.problems.stop(f"aliases nest lists and mappings more than {DEEPEST_NESTING} deep", position)
        else:
            self.place(anchor.node, position, anchor.size, anchor.height)
            return
        self.place(ScalarNode("", position), position)

    def define(self, name: str, anchor: _Anchor) -> None:
        if name in self.anchors:
            related = (Related("it stands here first", self.anchors[name].position),)
            self.problems.add(
                f"the anchor {quoted('&' + name)} is defined twice", anchor.position, related=related
            )
        self.anchors[name] = anchor

    def place(self, value: DocumentValue, position: Position, size: int = 1, height: int = 0) -> None:
        """Adds a finished node to the collection it stands in; a mapping takes key and value in turn."""
        if not self.frames:
            self.root = value
            return
        frame = self.frames[-1]
        if not frame.mapping:
            frame.items.append(value)
        elif frame.key is None:
            assert isinstance(value, ScalarNode)
            frame.key = value
            self.check_key(frame, value)
        else:
            frame.entries.append((frame.key, value))
            frame.key = None
        frame.size += size
        frame.height = max(frame.height, height + 1)
        if frame.size > MOST_NODES:
            self.problems.stop(f"aliases expand to more than {MOST_NODES:,} values", position)

    def check_key(self, frame: _Frame, key: ScalarNode) -> None:
        if not frame.flow and not frame.keys and key.position.line == frame.position.line:
            frame.position = frame.position._replace(end=key.position.end)
        if not key.text and key.plain:
            self.problems.stop("the key before this colon is missing", key.position)
        first = frame.keys.setdefault(key.text, key)
        # A key that a comma split (`block(d, f)` in braces) is reported as that, once.
        if first is not key and not (frame.flow and unbalanced(key)):
            related = (Related("it stands here first", first.position),)
            self.problems.add(
                f"the key {quoted(key.text)} stands twice in this mapping", key.position, related=related
            )

    def check_gap(self, end: int) -> None:
        """Refuses a `?` between two nodes: a complex key, of which the parsers disagree."""
        if self.questions:
            gap = re.sub("#.*", lambda found: " " * len(found[0]), self.text[self.reached : end])
            if "?" in gap:
                message = "a '?' here makes a complex key, which a description does not use"
                self.problems.stop(message, self.point(self.reached + gap.index("?")), QUOTE)

    def stop_at_syntax(self, error: MarkedYAMLError) -> NoReturn:
        from rfcalc.spec.syntax_errors import reword, too_deep

        # libyaml has a limit of its own since 0.2.6: 1,000 levels.
        if "maximum nesting depth" in (error.problem or ""):
            frame = self.frames[-1] if self.frames else None
            # The bracket of the innermost list is not behind `reached` if nothing was read in it yet.
            depth = len(self.frames) - bool(frame and frame.flow and frame.start >= self.reached)
            self.problems.stop(TOO_DEEP, self.point(too_deep(self.text, self.reached, depth)))
        found = error.problem_mark.index if error.problem_mark else len(self.text)
        began = error.context_mark.index if error.context_mark else None
        complaint = reword(error.problem or "", error.context or "", found, began, self.text)
        position = self.point(complaint.place)
        if self.tab_lines & {position.line - 1, position.line - 2}:
            self.problems.stop(_TAB, position._replace(column=1, end=2))
        related: tuple[Related, ...] = ()
        if complaint.opening is not None:
            related = (Related(complaint.opened, self.point(complaint.opening)),)
        elif self.frames and self.frames[-1].flow and self.frames[-1].position.line < position.line:
            related = (Related("this is still open", self.frames[-1].position),)
        hint = complaint.hint
        if re.match(r"\s*-[^\s-]", self.source.line(position.line)):
            hint = "a list item needs a space after its dash: '- item'"
        self.problems.stop(complaint.message, position, hint, related)


_TAB = "a tab indents this line; YAML indents with spaces"
_ANCHOR = r"&[0-9A-Za-z_-]+(?:\s+|#.*)*"
_TIGHT_COLON = r"\s*:[,?\[\]{}]"
