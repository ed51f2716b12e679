"""One layer line: `OP key=value … [from=NAME] [weights=NAME] [in=SIZE] [-> SIZE] [as NAME]`."""

from __future__ import annotations

import re
from typing import NoReturn

from rfcalc.errors import Position, Related, cut, mistake, nearest, quoted
from rfcalc.ops.registry import JOINS, MODULE_OF, spellings, suggest_operator
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.spec.expressions import is_name, parse_value
from rfcalc.spec.nodes import DocumentValue, ScalarNode, is_null, spans_between
from rfcalc.spec.syntax import Argument, Formula, Line, Reference
from rfcalc.spec.tokens import ExpressionError

LONGEST_LINE = 10_000

# What a line says beyond its operator and its arguments, in their canonical order.
TAIL = ("from", "weights", "in", "->", "as")
# What is written for the arrow of a promise by mistake.
_ARROWS = ("→", "=>", "⇒", "-->", ">", "—>", "–>")

_A_NAME = "a name is letters (a to z), digits and _, and begins with a letter"
_DOTS = "dots join it to those of the scopes around it"
_WHAT_ENTERS = "input"
# The first part may not begin with a digit; one behind it may be the number of a turn.
_NAME_OF_LAYER = re.compile(r"[A-Za-z_]\w*(?:\.(?:[A-Za-z_]\w*|[0-9]{1,40}))*", re.ASCII)
_REFERENCE = re.compile(r"[A-Za-z_*?][\w*?]*(?:\.[\w*?]+)*", re.ASCII)


class _Piece(NamedTuple):
    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


def parse_line(scalar: ScalarNode) -> Line:
    """The layer line a scalar holds; raises DescriptionError with every mistake found in it."""
    return _LineReader(scalar).line()


def formula(scalar: ScalarNode, start: int, end: int, *, per_axis: bool = False) -> Formula:
    """The expression in `scalar.text[start:end]`; raises DescriptionError.

    per_axis: a list per axis is expected.
    """
    try:
        tree = parse_value(scalar.text[start:end], per_axis=per_axis)
    except ExpressionError as error:
        position = scalar.at(start + error.start, start + error.end)
        hint = (_joined(scalar.text[start:end]) if per_axis else "") or error.hint
        raise mistake(error.message, position, hint=hint) from None
    return Formula(tree, scalar, start, end, per_axis)


# A comma behind an argument; within one a comma stands in parentheses, where nothing is `key=value`.
_BETWEEN_ARGUMENTS = re.compile(r"(?<=.),(?=$|[A-Za-z_]\w*=[^=])")
# Lengths between commas, spaces or signs of multiplication, in brackets or not.
_LENGTHS = re.compile(r"\s*[(\[]?\s*[0-9A-Za-z_]+(?:[\s,;x*]+[0-9A-Za-z_]+)+\s*,?\s*[)\]]?\s*")


def _joined(text: str) -> str:
    """The hint where lengths are not joined as they are here: `(3, 5)`, `224 x 224 x 3`; else ""."""
    if len(text) > 100 or not _LENGTHS.fullmatch(text) or text.isalnum():
        return ""
    lengths = [part for part in re.findall(r"\w+", text) if part not in ("x", "by")]
    return f"lengths are joined by x: {'x'.join(lengths)}"


def whole(value: DocumentValue, *, per_axis: bool = False) -> Formula:
    """The expression that is all of a scalar; raises DescriptionError."""
    if not isinstance(value, ScalarNode) or value.multiline:
        raise mistake("expected a value on one line", value.position)
    if is_null(value):
        raise mistake("expected a value, found nothing", value.position)
    return formula(value, 0, len(value.text), per_axis=per_axis)


def name_of(value: DocumentValue) -> str:
    """The name that a scalar is; raises DescriptionError."""
    if not isinstance(value, ScalarNode) or not is_name(value.text):
        got = f"; got {quoted(value.text)}" if isinstance(value, ScalarNode) else ""
        raise mistake(f"{_A_NAME}{got}", value.position)
    return value.text


def is_name_of_layer(text: str) -> bool:
    """Whether a text can name a layer: a name, behind those of scopes around it (`layer1.0.conv1`)."""
    return _NAME_OF_LAYER.fullmatch(text) is not None


def before_number(name: str) -> str:
    """What a number is put behind: the second relu is relu2, but the second relu6 is relu6_2."""
    return f"{name}_" if name[-1].isdigit() else name


def name_of_layer(value: DocumentValue) -> str:
    """The name that a scalar gives a layer, with the scopes around it; raises DescriptionError."""
    if not isinstance(value, ScalarNode) or not is_name_of_layer(value.text):
        text = value.text if isinstance(value, ScalarNode) else ""
        near = re.sub(r"\W+", "_", text, flags=re.ASCII).strip("_")
        near = f"layer{near}" if near[:1].isdigit() else near
        got = f"; got {quoted(text)}" if text else ""
        hint = f"such as {cut(near)}" if near and is_name_of_layer(near) else ""
        raise mistake(f"{_A_NAME}; {_DOTS}{got}", value.position, hint=hint)
    name = value.text
    if name.partition(".")[0] == _WHAT_ENTERS:
        message = f"{_WHAT_ENTERS!r} means what enters, here and in blocks"
        raise mistake(message, value.position, hint="choose another name")
    return name


def references(scalar: ScalarNode, start: int, end: int) -> tuple[Reference, ...]:
    """The layer names joined by `+` in `scalar.text[start:end]`; raises DescriptionError."""
    found = []
    for first, last in spans_between(scalar.text, "+".__eq__, start, end):
        name = scalar.text[first:last]
        position = scalar.at(first, max(last, first + 1))
        pieces = _pieces(scalar, last - len(name.lstrip()), first + len(name.rstrip()))
        if not _REFERENCE.fullmatch("".join(piece if isinstance(piece, str) else "0" for piece in pieces)):
            hint = "names are joined by +" if "," in name else ""
            message = f"expected the name of a layer, got {quoted(name)}"
            raise mistake(message, position, hint=hint)
        found.append(Reference(name.strip(), position, pieces if len(pieces) > 1 else ()))
    return tuple(found)


def _pieces(scalar: ScalarNode, start: int, end: int) -> tuple[str | Formula, ...]:
    """The texts of a name and the expressions in parentheses between them."""
    pieces: list[str | Formula] = []
    depth = 0
    place = start
    for at in range(start, end):
        opens, closes = scalar.text[at] == "(", scalar.text[at] == ")"
        if opens and depth == 0:
            pieces.append(scalar.text[place:at])
            place = at + 1
        depth += opens - closes
        if closes and depth == 0:
            pieces.append(formula(scalar, place, at))
            place = at + 1
    return (*pieces, scalar.text[place:end])


def reference(scalar: ScalarNode, start: int, end: int) -> Reference:
    """The one layer name in `scalar.text[start:end]`; raises DescriptionError."""
    # Few descriptions name a layer.
    from rfcalc.wildcards import is_glob

    found = references(scalar, start, end)
    if len(found) != 1 or is_glob(found[0].text):
        message = f"expected the name of one layer, got {quoted(scalar.text[start:end])}"
        raise mistake(message, scalar.at(start, end))
    return found[0]


class _LineReader:
    """Reads one line, collecting mistakes."""

    def __init__(self, scalar: ScalarNode) -> None:
        self.scalar = scalar
        self.problems = Problems()
        self.arguments: list[Argument] = []
        self.taken: dict[str, Position] = {}
        self.sources: tuple[Reference, ...] = ()
        self.weights: Reference | None = None
        self.expects: Formula | None = None
        self.promises: Formula | None = None
        self.name = ""

    def line(self) -> Line:
        scalar = self.scalar
        if scalar.multiline:
            self.continued()
        if len(scalar.text) > LONGEST_LINE:
            self.stop(f"the line has {len(scalar.text)} characters; it may have {LONGEST_LINE}", 0, 1)
        words = self.words()
        if not words:
            self.stop("expected a layer, found nothing", 0, 1)
        op = words[0]
        if not is_name(op.text) or (len(words) > 1 and words[1].text == "="):
            message = f"expected the name of an operator or a block, got {quoted(op.text)}"
            self.stop(message, op.start, op.end, _operator_hint(scalar.text, op))
        self.read_rest(op, self.whole_words(words[1:]))
        self.problems.raise_any()
        return Line(
            op=op.text,
            op_position=scalar.at(op.start, op.end),
            arguments=tuple(self.arguments),
            sources=self.sources,
            weights=self.weights,
            expects=self.expects,
            promises=self.promises,
            name=self.name,
            position=scalar.at(0, len(scalar.text)),
        )

    def continued(self) -> NoReturn:
        """Note that a line goes on on the next one: so YAML reads one that is indented deeper."""
        first = self.scalar.position
        following = first.source.line(first.line + 1)
        text = following.strip()
        message = "a layer is one physical line, but this one is continued"
        if not self.scalar.plain or not text:
            self.stop(message, 0, len(self.scalar.text))
        indent = len(following) - len(following.lstrip())
        start = first.source.line(first.line)
        dashed = start[: first.column - 1].rstrip().endswith("-")
        wanted = start.rindex("-", 0, first.column) if dashed else first.column - 1
        place = first._replace(line=first.line + 1, column=indent + 1, end=indent + 1 + len(text))
        above = (Related("the line above", first),)
        if text.startswith("-") and indent != wanted:
            message = f"this line is indented by {indent} spaces, the one above by {wanted}"
            hint = f"indent it by {wanted} spaces, too; indented deeper it is a part of that line"
            self.problems.stop(message, place, hint, above)
        more = "=" in text or text.startswith(("as ", "->"))
        hint = "write it behind the line above" if more else "a list item begins with a dash and a space"
        self.problems.stop(f"{message} here", place, hint, above)

    def words(self) -> list[_Piece]:
        """The parts between spaces, a space within parentheses not counted."""
        text = self.scalar.text
        opened: list[int] = []
        for place, character in enumerate(text):
            if character == "(":
                opened.append(place)
            elif character == ")":
                if not opened:
                    self.stop("this parenthesis closes none", place, place + 1)
                opened.pop()
        if opened:
            self.stop("this parenthesis is not closed", opened[0], opened[0] + 1)
        if not text.isascii() and (odd := re.search(r"[^\S \t]", text)):
            self.stop("this is a space of another kind", *odd.span(), "words are separated by plain spaces")
        spans = spans_between(text, str.isspace, 0, len(text))
        return [_Piece(text[first:last], first) for first, last in spans if first < last]

    def whole_words(self, words: list[_Piece]) -> list[_Piece]:
        """The words without those that spaces split (`f = 3`, `d=2 * c`) and without commas, both noted."""
        whole: list[_Piece] = []
        commas = False
        place = 0
        while place < len(words):
            first = last = words[place]
            place += 1
            sized = bool(whole) and whole[-1].text == "->"
            while place < len(words) and _belong_together(last.text, words[place].text, sized):
                last = words[place]
                place += 1
            if first is not last:
                written = self.scalar.text[first.start : last.end]
                joined = "".join(written.split())
                hint = (
                    f"outside parentheses nothing has spaces: {joined.replace(',', 'x') if sized else joined}"
                )
                self.fail(f"spaces split {quoted(written)}", first.start, last.end, hint)
                if sized:
                    whole.pop()
                continue
            for comma in _BETWEEN_ARGUMENTS.finditer(first.text):
                if not commas:
                    place = first.start + comma.start()
                    self.fail("arguments are separated by spaces, without commas", place, place + 1)
                commas = True
            start = first.start
            for text in _BETWEEN_ARGUMENTS.split(first.text):
                if text:
                    whole.append(_Piece(text, start))
                start += len(text) + 1
        return whole

    def read_rest(self, op: _Piece, words: list[_Piece]) -> None:
        place = 0
        while place < len(words):
            word = words[place]
            place += 1
            following = words[place] if place < len(words) else None
            with self.problems:
                if word.text.startswith("->"):
                    attached = word.text[2:]
                    size = _Piece(attached, word.start + 2) if attached else following
                    place += 0 if attached else 1
                    self.read_promise(word, size)
                elif word.text == "as":
                    place += 1
                    self.read_name(word, following)
                elif _is_argument(word.text):
                    self.read_argument(op, word)
                else:
                    # Words in a row that mean nothing are one mistake.
                    last = word
                    while place < len(words) and _means_nothing(words[place].text):
                        last = words[place]
                        place += 1
                    self.stray(op, word, last)

    def read_promise(self, arrow: _Piece, size: _Piece | None) -> None:
        if size is None:
            self.fail("expected a size after ->", arrow.start, arrow.end)
            return
        self.once("->", arrow.start, arrow.end)
        self.promises = formula(self.scalar, size.start, size.end, per_axis=True)

    def read_name(self, word: _Piece, name: _Piece | None) -> None:
        if name is None:
            self.fail("expected a name after `as`", word.start, word.end)
            return
        self.once("as", word.start, word.end)
        self.name = name_of_layer(ScalarNode(name.text, self.scalar.at(name.start, name.end)))

    def read_argument(self, op: _Piece, word: _Piece) -> None:
        key, _, text = word.text.partition("=")
        start = word.start + len(key) + 1
        if not key.isidentifier():
            self.fail(f"expected key=value, got {quoted(word.text)}", word.start, word.end)
            return
        self.once(key, word.start, word.start + len(key))
        if not text or text.startswith("="):
            hint = f"one equals sign gives a value: {key}{text}" if len(text) > 1 else ""
            self.fail(f"{key}= needs a value, such as {key}=3", word.start, word.end, hint)
            return
        if key == "from":
            self.sources = references(self.scalar, start, word.end)
        elif key == "weights":
            self.weights = reference(self.scalar, start, word.end)
        elif key == "in":
            self.expects = formula(self.scalar, start, word.end, per_axis=True)
        else:
            value: Formula | Reference
            if key in spellings(op.text, "refers"):
                value = reference(self.scalar, start, word.end)
            else:
                per_axis = key in spellings(op.text, "per_axis")
                value = formula(self.scalar, start, word.end, per_axis=per_axis)
            self.arguments.append(Argument(key, value, self.scalar, word.start, word.end))

    def stray(self, op: _Piece, first: _Piece, last: _Piece) -> None:
        """Words that are neither an argument, nor a promise, nor a name."""
        written = self.scalar.text[first.start : last.end]
        words = written.split()
        if all(word[0].isdigit() or re.fullmatch("x[0-9]+", word) for word in words):
            from rfcalc.spec.foreign_calls import with_keys

            hint = with_keys(op.text, words, [argument.name for argument in self.arguments])
        elif first.text in MODULE_OF or first.text in (";", "+", ",", "|", ">"):
            hint = "each layer stands on a line of its own"
        elif op.text in JOINS and all(map(is_name_of_layer, words)):
            hint = f"earlier layers are named with from={'+'.join(words)}"
        elif first.text in _ARROWS:
            hint = "the promised size follows ->"
        elif ":" in first.text:
            hint = f"an argument has an equals sign: {first.text.replace(':', '=', 1)}"
        elif len(first.text) > 1:
            hint = nearest(first.text, TAIL)
        else:
            hint = ""
        self.fail(
            f"expected key=value, -> SIZE or `as NAME` after {quoted(op.text)}, got {quoted(written)}",
            first.start,
            last.end,
            hint,
        )

    def once(self, key: str, start: int, end: int) -> None:
        position = self.scalar.at(start, end)
        if key in self.taken:
            first = Related(f"the first {key} stands here", self.taken[key])
            raise mistake(f"{key} is given twice", position, related=(first,))
        self.taken[key] = position

    def fail(self, message: str, start: int, end: int, hint: str = "") -> None:
        self.problems.add(message, self.scalar.at(start, end), hint)

    def stop(self, message: str, start: int, end: int, hint: str = "") -> NoReturn:
        self.problems.stop(message, self.scalar.at(start, end), hint)


def _is_argument(word: str) -> bool:
    """Whether a word is meant as key=value."""
    return "=" in word and word not in _ARROWS


def _means_nothing(word: str) -> bool:
    return word != "as" and not word.startswith("->") and not _is_argument(word)


def _belong_together(word: str, following: str, sized: bool) -> bool:
    """Whether the space between two words splits one: no word of a line begins or ends with such marks.

    sized: the words stand where a size is promised, which a comma may split too.
    """
    if word in ("->", "as") or following.startswith("->") or {word, following} & set(_ARROWS):
        return False
    if following[0] in "=+-*/%" or following in ("x", "×"):
        return True
    ends = word[-1] in "=+-*/%" or word in ("x", "×") or (sized and word[-1] == ",")
    return ends and following != "as" and not _is_argument(following)


def _operator_hint(line: str, op: _Piece) -> str:
    """What to write instead of a first word that cannot name an operator."""
    if "(" in line:
        from rfcalc.spec.foreign_calls import as_lines

        if hint := as_lines(line.strip()):
            return hint
    name, opened, arguments = line[op.start :].partition("(")
    if opened and is_name(name) and not suggest_operator(name):
        shown = " ".join(arguments.rstrip(") ").replace(",", " ").split())
        return f"arguments follow after spaces: {name} {shown}"
    if "=" in op.text:
        return "the operator comes first; in brackets a comma ends a layer, and spaces separate arguments"
    words = re.findall(r"\w+", op.text.partition("(")[0])
    return suggest_operator(words[-1]) if words else ""
