"""Reading a configuration: every mistake in one run, each with its place in the TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sized
from fractions import Fraction
from typing import Any

from rfcalc.analysis.figures import kept_counts
from rfcalc.conditions.text import read_condition
from rfcalc.errors import DescriptionError, Position, Problems, Source, UsageError, mistake, nearest, quoted
from rfcalc.lint.budgets.budget import Budget, Limit
from rfcalc.lint.configuration.configuration import Configuration, PathIgnores
from rfcalc.lint.configuration.toml_places import Path, Place, long_key, places, toml_source
from rfcalc.lint.finding import SEVERITIES, Severity
from rfcalc.lint.selection import selectors
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.tokens import ExpressionError
from rfcalc.units import parse_amount

LONGEST_LINE = 10_000
# Of budgets, and of whatever else is a list: each network is compared with each entry.
MOST_ENTRIES = 1_000
# A dotted key of very many parts takes `tomllib` time that grows with their square.
MOST_PARTS = 50
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")

_BUDGET_KEYS = ("network", "require", "max_increase")


def read_configuration(source: Source, *, pyproject: bool) -> Configuration | None:
    """The configuration in a text; None when a pyproject.toml has no table `tool.rfcalc`.

    Raises DescriptionError with every mistake and its place.
    """
    return _Reader(source).configuration(("tool", "rfcalc") if pyproject else ())


class _Reader:
    """Reads one document."""

    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.source = toml_source(source)
        self.places: dict[Path, Place] = {}
        self.problems = Problems()

    def configuration(self, root: Path) -> Configuration | None:
        """What the table under `root` says; None when there is no such table.  Raises DescriptionError."""
        document: object = self._document()
        for name in root:
            if not isinstance(document, dict) or name not in document:
                return None
            document = document[name]
        found = None
        with self.problems:
            found = self._read(self._table(document, root), root)
        self.problems.raise_any()
        return found

    def _document(self) -> dict[str, object]:
        import tomllib

        text = self.text
        long = long_key(text, MOST_PARTS)
        if long is not None:
            line = text.count("\n", 0, long) + 1
            raise self._refused(f"a key may have {MOST_PARTS} parts", Position(self.source, line, 1, 2))
        try:
            document = tomllib.loads(text)
            self.places = places(self.source)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            where = _WHERE.search(message)
            lines = self.source.text.splitlines()
            line, column = len(lines) or 1, len(lines[-1]) + 1 if lines else 1
            if where and where[1]:
                line, column = int(where[1]), int(where[2])
            message = message[: where.start()] if where else message
            place = Position(self.source, line, column, column + 1)
            raise self._refused(f"this is no TOML: {message[:1].lower()}{message[1:]}", place) from None
        except RecursionError:
            raise self._refused("the configuration nests too deeply") from None
        except ValueError:
            raise self._refused("a number or a date in the configuration is out of range") from None
        return document

    def _read(self, table: dict[str, object], root: Path) -> Configuration:
        readers: dict[str, Callable[[object, Path], Any]] = {
            "select": self._selectors,
            "ignore": self._selectors,
            "extend-select": self._selectors,
            "fail-on": self._severity,
            "exclude": lambda value, path: tuple(
                text for _, text in self._texts(value, path, "globs", "a glob")
            ),
            "baseline": lambda value, path: self._text(value, path, "the path of a file"),
            "per-path-ignores": lambda value, path: tuple(self._path_ignores(value, path)),
            "budgets": lambda value, path: tuple(self._budgets(value, path)),
        }
        found = Configuration(self.source)
        for key, (name, value) in self._known(table, tuple(readers), root, "a configuration").items():
            with self.problems:
                found = found._replace(**{key.replace("-", "_"): readers[key](value, (*root, name))})
        return found

    def _path_ignores(self, value: object, path: Path) -> Iterator[PathIgnores]:
        table = self._table(value, path)
        self._few(table, path, "globs")
        for glob, codes in table.items():
            with self.problems:
                yield PathIgnores(glob, self._selectors(codes, (*path, glob)))

    def _budgets(self, value: object, path: Path) -> Iterator[Budget]:
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self._wrong(path, f"`budgets` is written as tables, got {_kind(value)}", "[[budgets]]")
        self._few(value, path, "budgets")
        for number, entry in enumerate(value):
            with self.problems:
                yield self._budget(entry, (*path, number))

    def _budget(self, table: dict[str, object], path: Path) -> Budget:
        values = self._known(table, _BUDGET_KEYS, path, "a budget")
        if "network" not in values:
            raise self._wrong(path, "a budget names its networks", 'network = "nets/*.yaml"')
        name, value = values["network"]
        network = self._text(value, (*path, name), "a glob of networks")
        require: tuple[ScalarNode, ...] = ()
        increase: tuple[Limit, ...] = ()
        if "require" in values:
            name, value = values["require"]
            require = tuple(self._promises(value, (*path, name)))
        if "max_increase" in values:
            name, value = values["max_increase"]
            increase = tuple(self._limits(value, (*path, name)))
        if not any(
            name in values and values[name][1] not in ([], {}) for name in ("require", "max_increase")
        ):
            example = 'require = ["params <= 5M"] or max_increase = "2%"'
            raise self._wrong(path, "this budget limits nothing", example)
        return Budget(network, require, increase)

    def _promises(self, value: object, path: Path) -> Iterator[ScalarNode]:
        for here, text in self._texts(value, path, "comparisons", "a comparison"):
            line = self._scalar(text, here)
            try:
                read_condition(line.text)
            except ExpressionError as error:
                self.problems.add(error.message, line.at(error.start, error.end), error.hint)
            else:
                yield line

    def _limits(self, value: object, path: Path) -> Iterator[Limit]:
        if not isinstance(value, dict):
            share, amount, written = self._amount(value, path)
            # A limit that names no figure holds for the costs.
            for figure in kept_counts(by_layer=True):
                yield Limit(figure, share, amount, written, self._place(path))
            return
        known = kept_counts()
        for name, entry in value.items():
            here = (*path, name)
            figure = name if name in known else name.casefold()
            if figure not in known:
                hint = nearest(name, known) or f"the figures are {', '.join(known)}"
                self._note(here, f"no growth of {quoted(name)} can be limited", hint)
                continue
            with self.problems:
                share, amount, written = self._amount(entry, here)
                yield Limit(figure, share, amount, written, self._place(here))

    def _amount(self, value: object, path: Path) -> tuple[Fraction | None, int | None, str]:
        """A share or an amount, and its text."""
        example = '"2%", "10k" or 0'
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**64:
            return None, value, str(value)
        if not isinstance(value, str):
            raise self._wrong(path, f"expected a share or an amount, got {_kind(value)}", f"write {example}")
        text = value.strip()
        number = text.removesuffix("%").rstrip()
        try:
            amount = parse_amount(number)
        except ValueError as error:
            raise self._wrong(path, str(error), f"write {example}") from None
        if text.endswith("%"):
            if number[-1:].isalpha():
                raise self._wrong(path, f"{quoted(text)} is no share", f"write {example}")
            return Fraction(amount) / 100, None, text
        if not isinstance(amount, int):
            raise self._wrong(path, f"{quoted(text)} is no whole amount", f"write {example}")
        return None, amount, text

    def _selectors(self, value: object, path: Path) -> tuple[str, ...]:
        found: list[str] = []
        for here, text in self._texts(value, path, "rules", "the code of a rule"):
            try:
                found += selectors([text])
            except UsageError as error:
                self._note(here, str(error))
        return tuple(found)

    def _severity(self, value: object, path: Path) -> Severity:
        text = self._text(value, path, "a severity")
        if text not in SEVERITIES:
            hint = nearest(text, SEVERITIES) or f"one of {', '.join(SEVERITIES)}"
            raise self._wrong(path, f"{quoted(text)} is no severity", hint)
        return text

    def _known(
        self, table: dict[str, object], known: tuple[str, ...], path: Path, what: str
    ) -> dict[str, tuple[str, object]]:
        """The values by their keys, with the keys as written: hyphens and underscores are the same."""
        meant = {key.replace("_", "-"): key for key in known}
        found: dict[str, tuple[str, object]] = {}
        for name, value in table.items():
            key = meant.get(name.replace("_", "-"))
            if key is None:
                hint = nearest(name, known) or f"the keys are {', '.join(known)}"
                self._note((*path, name), f"{what} has no key {quoted(name)}", hint)
            elif key in found:
                self._note((*path, name), f"{quoted(name)} is {quoted(found[key][0])} again")
            else:
                found[key] = name, value
        return found

    def _table(self, value: object, path: Path) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self._wrong(path, f"expected a table, got {_kind(value)}")
        return value

    def _texts(self, value: object, path: Path, what: str, one: str) -> Iterator[tuple[Path, str]]:
        """The texts of a list, each with its path; what, one: what they are, and what each is."""
        if not isinstance(value, list):
            hint = f"write [{quoted(value)}]".replace("'", '"') if isinstance(value, str) else ""
            raise self._wrong(path, f"expected a list of {what}, got {_kind(value)}", hint)
        self._few(value, path, what)
        for number, text in enumerate(value):
            here = (*path, number)
            with self.problems:
                yield here, self._text(text, here, one)

    def _few(self, values: Sized, path: Path, what: str) -> None:
        if len(values) > MOST_ENTRIES:
            raise self._wrong(path, f"there are {len(values):,} {what}; there may be {MOST_ENTRIES:,}")

    def _text(self, value: object, path: Path, what: str) -> str:
        if not isinstance(value, str):
            raise self._wrong(path, f"expected {what}, got {_kind(value)}")
        if not value.strip():
            raise self._wrong(path, f"expected {what}, found nothing")
        if len(value) > LONGEST_LINE:
            raise self._wrong(path, f"the text has {len(value)} characters; it may have {LONGEST_LINE}")
        return value

    def _scalar(self, text: str, path: Path) -> ScalarNode:
        place = self.places.get(path)
        if place is None:
            return ScalarNode(text, self._place(path), plain=False, inset=None)
        return ScalarNode(text, place.value, plain=False, multiline="\n" in text, inset=place.inset)

    def _place(self, path: Path) -> Position:
        """The position of a value, or of what is around it."""
        for length in range(len(path), 0, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place.value
        return Position(self.source, 1, 1, 2)

    def _note(self, path: Path, message: str, hint: str = "") -> None:
        """Note a mistake, at the key where there is one."""
        place = self.places.get(path)
        where = place.key if place and place.key else self._place(path)
        self.problems.add(message, where, hint)

    def _wrong(self, path: Path, message: str, hint: str = "") -> DescriptionError:
        return mistake(message, self._place(path), hint)

    def _refused(self, message: str, place: Position | None = None) -> DescriptionError:
        return mistake(message, place or Position(self.source, 1, 1, 2))


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int) and not isinstance(value, bool):
        # Hexadecimal ones may be longer than Python writes in decimals.
        return f"the number {value}" if value.bit_length() <= 64 else "a number of more than 64 bits"
    kinds = {bool: "a truth value", dict: "a table", list: "a list", float: "a number"}
    return kinds.get(type(value), "a date")
