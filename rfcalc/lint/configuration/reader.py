"""Reading a configuration: every mistake in one run, each with its place in the TOML."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sized
from fractions import Fraction
from functools import partial
from itertools import chain
from typing import Any, TypeAlias, TypeVar

from rfcalc.analysis.figures import KEPT, KEPT_BY_LAYER
from rfcalc.conditions.text import read_condition
from rfcalc.errors import DescriptionError, Position, Source, UsageError, mistake, nearest, quoted
from rfcalc.lint.budgets.budget import Budget, Limit
from rfcalc.lint.configuration.configuration import Configuration, PathIgnores
from rfcalc.lint.configuration.toml_places import Path, TomlPlace, long_key, places, toml_source
from rfcalc.lint.finding import SEVERITIES, Severity
from rfcalc.lint.ignores import NEVER_IGNORED, StatedIgnore
from rfcalc.lint.registry import code_of, nearest_rule, selectors
from rfcalc.problems import Problems
from rfcalc.spec.nodes import ScalarNode
from rfcalc.spec.tokens import ExpressionError
from rfcalc.units import parse_amount

LONGEST_LINE = 10_000
# Of budgets, and of whatever else is a list: each network is compared with each entry.
MOST_ENTRIES = 1_000
# A dotted key of very many parts takes `tomllib` time that grows with their square.
MOST_PARTS = 50
_WHERE = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")

_Entry = TypeVar("_Entry")


def read_configuration(source: Source, *, pyproject: bool) -> Configuration | None:
    """The configuration in a text; None when a pyproject.toml has no table `tool.rfcalc`.

    Raises DescriptionError with every mistake and its place.
    """
    return _TomlReader(source).configuration(("tool", "rfcalc") if pyproject else ())


# What reads the value of each key, which stands at a path; raises DescriptionError.
_Readers: TypeAlias = Mapping[str, Callable[[object, Path], object]]


class _TomlReader:
    """Reads one document."""

    def __init__(self, source: Source) -> None:
        self.text = source.text
        self.source = toml_source(source)
        self.places: dict[Path, TomlPlace] = {}
        self.problems = Problems()

    def configuration(self, root: Path) -> Configuration | None:
        """What the table under `root` says; None when there is no such table.  Raises DescriptionError."""
        document: object = self._document()
        for name in root:
            if not isinstance(document, dict) or name not in document:
                return None
            document = document[name]
        readers: _Readers = {
            "select": self._selectors,
            "ignore": self._selectors,
            "extend-select": self._selectors,
            "fail-on": self._severity,
            "show": self._severity,
            "exclude": partial(self._each, what="globs", read=partial(self._text, what="a glob")),
            "baseline": partial(self._text, what="the path of a file"),
            "per-path-ignores": self._path_ignores,
            "budgets": partial(self._tables, name="budgets", read=self._budget),
            "ignores": partial(self._tables, name="ignores", read=self._ignore),
        }
        said: dict[str, Any] = {}
        with self.problems:
            said = self._said(self._table(document, root), readers, root, "a configuration")
            if "ignores" in said:
                said["ignores"] = tuple(chain.from_iterable(said["ignores"]))
        self.problems.raise_any()
        return Configuration(
            source=self.source, **{key.replace("-", "_"): value for key, value in said.items()}
        )

    def _document(self) -> dict[str, object]:
        import tomllib

        text = self.text
        long = long_key(text, MOST_PARTS)
        if long is not None:
            raise mistake(f"a key may have {MOST_PARTS} parts", self.source.at(long))
        try:
            document = tomllib.loads(text)
            self.places = places(self.source)
        except tomllib.TOMLDecodeError as error:
            message = str(error)
            where = _WHERE.search(message)
            place = self.source.at(len(text.rstrip()))
            if where and where[1]:
                column = int(where[2])
                place = Position(self.source, int(where[1]), column, column + 1)
            message = message[: where.start()] if where else message
            raise mistake(f"this is no TOML: {message[:1].lower()}{message[1:]}", place) from None
        except RecursionError:
            raise mistake("the configuration nests too deeply", self.source.at(0)) from None
        except ValueError:
            message = "a number or a date in the configuration is out of range"
            raise mistake(message, self.source.at(0)) from None
        return document

    def _path_ignores(self, value: object, path: Path) -> tuple[PathIgnores, ...]:
        table = self._table(value, path)
        self._few(table, path, "globs")
        found: list[PathIgnores] = []
        for glob, rules in table.items():
            with self.problems:
                here = (*path, glob)
                place = self.places.get(here)
                key = place.key if place and place.key else self._place(here)
                found.append(PathIgnores(glob, self._selectors(rules, here), key))
        return tuple(found)

    def _tables(
        self, value: object, path: Path, name: str, read: Callable[[object, Path], _Entry]
    ) -> tuple[_Entry, ...]:
        if not isinstance(value, list) or not all(isinstance(entry, dict) for entry in value):
            raise self._wrong(path, f"`{name}` is written as tables, got {_kind(value)}", f"[[{name}]]")
        return self._each(value, path, name, read)

    def _ignore(self, value: object, path: Path) -> tuple[StatedIgnore, ...]:
        readers: _Readers = {
            "network": partial(self._text, what="a glob of networks"),
            "layer": partial(self._text, what="a glob of layers"),
            "rules": partial(self._each, what="rules", read=self._ignored_rule),
            "reason": partial(self._text, what="a reason"),
        }
        table = self._table(value, path)
        said = self._said(table, readers, path, "an ignore")
        if "network" not in table:
            raise self._wrong(path, "an ignore names its networks", 'network = "models/*.onnx"')
        if not table.get("rules"):
            raise self._wrong(path, "this ignore does not name the rules it ignores", 'rules = ["RF201"]')
        network, layer = said.get("network", ""), said.get("layer", "")
        return tuple(StatedIgnore(network, layer, *rule) for rule in said.get("rules", ()))

    def _ignored_rule(self, value: object, path: Path) -> tuple[str, Position]:
        """The code of a rule: as in a comment, what is meant and no family of it."""
        text = self._text(value, path, "the code of a rule")
        code = code_of(text)
        if code is None:
            raise self._wrong(path, f"no rule is called {quoted(text)}", nearest_rule(text))
        if code in NEVER_IGNORED:
            raise self._wrong(path, f"{code} cannot be ignored")
        return code, self._place(path)

    def _budget(self, value: object, path: Path) -> Budget:
        table = self._table(value, path)
        limits: _Readers = {
            "require": partial(self._each, what="comparisons", read=self._promise),
            "max_increase": self._limits,
        }
        network = partial(self._text, what="a glob of networks")
        said = self._said(table, {"network": network, **limits}, path, "a budget")
        if "network" not in table:
            raise self._wrong(path, "a budget names its networks", 'network = "nets/*.yaml"')
        if "network" in said and not any(
            name.replace("-", "_") in limits and table[name] not in ([], {}) for name in table
        ):
            example = 'require = ["params <= 5M"] or max_increase = "2%"'
            raise self._wrong(path, "this budget limits nothing", example)
        place = self._place((*path, "network"))
        return Budget(said.get("network", ""), said.get("require", ()), said.get("max_increase", ()), place)

    def _promise(self, value: object, path: Path) -> ScalarNode:
        text = self._text(value, path, "a comparison")
        place = self.places.get(path) or TomlPlace(None, self._place(path), None)
        line = ScalarNode(text, place.value, plain=False, multiline="\n" in text, inset=place.inset)
        try:
            read_condition(text)
        except ExpressionError as error:
            raise mistake(error.message, line.at(error.start, error.end), error.hint) from None
        return line

    def _limits(self, value: object, path: Path) -> tuple[Limit, ...]:
        if not isinstance(value, dict):
            amount, place = self._amount(value, path), self._place(path)
            # A limit that names no figure holds for the costs.
            return tuple(Limit(figure, *amount, place) for figure in KEPT_BY_LAYER)
        found: list[Limit] = []
        for name, entry in value.items():
            here = (*path, name)
            figure = name if name in KEPT else name.casefold()
            with self.problems:
                if figure not in KEPT:
                    hint = nearest(name, KEPT) or f"the figures are {', '.join(KEPT)}"
                    raise self._wrong(here, f"no growth of {quoted(name)} can be limited", hint, key=True)
                found.append(Limit(figure, *self._amount(entry, here), self._place(here)))
        return tuple(found)

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
        return tuple(chain.from_iterable(self._each(value, path, "rules", self._selector)))

    def _selector(self, value: object, path: Path) -> tuple[str, ...]:
        try:
            return selectors([self._text(value, path, "the code of a rule")])
        except UsageError as error:
            raise self._wrong(path, str(error)) from None

    def _severity(self, value: object, path: Path) -> Severity:
        text = self._text(value, path, "a severity")
        if text not in SEVERITIES:
            hint = nearest(text, SEVERITIES) or f"one of {', '.join(SEVERITIES)}"
            raise self._wrong(path, f"{quoted(text)} is no severity", hint)
        return text

    def _said(self, table: dict[str, object], readers: _Readers, path: Path, what: str) -> dict[str, Any]:
        """What the keys of a table say, as far as it can be read; hyphens and underscores are the same."""
        meant = {key.replace("_", "-"): key for key in readers}
        names: dict[str, str] = {}
        said: dict[str, Any] = {}
        for name, value in table.items():
            here, key = (*path, name), meant.get(name.replace("_", "-"))
            with self.problems:
                if key is None:
                    hint = nearest(name, readers) or f"the keys are {', '.join(readers)}"
                    raise self._wrong(here, f"{what} has no key {quoted(name)}", hint, key=True)
                if key in names:
                    raise self._wrong(here, f"{quoted(name)} is {quoted(names[key])} again", key=True)
                names[key] = name
                said[key] = readers[key](value, here)
        return said

    def _each(
        self, value: object, path: Path, what: str, read: Callable[[object, Path], _Entry]
    ) -> tuple[_Entry, ...]:
        """The entries of a list, without those that are wrong."""
        if not isinstance(value, list):
            hint = f"write [{quoted(value)}]".replace("'", '"') if isinstance(value, str) else ""
            raise self._wrong(path, f"expected a list of {what}, got {_kind(value)}", hint)
        self._few(value, path, what)
        found: list[_Entry] = []
        for number, entry in enumerate(value):
            with self.problems:
                found.append(read(entry, (*path, number)))
        return tuple(found)

    def _table(self, value: object, path: Path) -> dict[str, object]:
        if not isinstance(value, dict):
            raise self._wrong(path, f"expected a table, got {_kind(value)}")
        return value

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

    def _place(self, path: Path) -> Position:
        """The position of a value, or of what is around it."""
        for length in range(len(path), 0, -1):
            place = self.places.get(path[:length])
            if place is not None:
                return place.value
        return self.source.at(0)

    def _wrong(self, path: Path, message: str, hint: str = "", *, key: bool = False) -> DescriptionError:
        """A mistake, at the value or at its key."""
        place = self.places.get(path)
        return mistake(message, place.key if key and place and place.key else self._place(path), hint)


def _kind(value: object) -> str:
    if isinstance(value, str):
        return f"the text {quoted(value)}"
    if isinstance(value, int) and not isinstance(value, bool):
        # Hexadecimal ones may be longer than Python writes in decimals.
        return f"the number {value}" if value.bit_length() <= 64 else "a number of more than 64 bits"
    kinds = {bool: "a truth value", dict: "a table", list: "a list", float: "a number"}
    return kinds.get(type(value), "a date")
