"""The values of a section's options, checked one by one."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from fractions import Fraction

from rfcalc.errors import DescriptionError, Position, Related, listed, mistake, nearest, quoted
from rfcalc.importers.darknet.options import (
    ALIASES,
    NET,
    OF_ALL,
    SECTIONS,
    DecimalOption,
    IndicesOption,
    SectionKind,
    Setting,
    WholeOption,
    WordOption,
)
from rfcalc.importers.darknet.reading import DarknetSection, Option
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple

Remark = Callable[[str, Position], None]

# No size of a network has more digits; what is longer is refused before it is made a number.
_WHOLE = re.compile(r"[+-]?[0-9]{1,9}", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:[0-9]{1,18}\.?[0-9]{0,18}|\.[0-9]{1,18})(?:[eE][+-]?[0-9]{1,2})?", re.ASCII)
# More layers no layer of a network reads.
_MOST_INDICES = 1000


class DarknetLayer(NamedTuple):
    """A section whose options have their values, those that are left out their default.

    kind: the name of the section, where several mean the same the longest.  place: of its header.
    whole, lists, words, decimals: values by option; `whole` lacks those that are left out without a default,
    and has of `NumbersOption` how many there are.
    places: where the value of each option stands that is written.  number_places: of one that is a list,
    where each of its numbers stands.
    doubtful: something is wrong with its options, so that its size is not known.
    """

    kind: str
    place: Position
    whole: Mapping[str, int] = {}
    lists: Mapping[str, tuple[int, ...]] = {}
    words: Mapping[str, str] = {}
    decimals: Mapping[str, Fraction] = {}
    places: Mapping[str, Position] = {}
    number_places: Mapping[str, tuple[Position, ...]] = {}
    doubtful: bool = False

    def at(self, option: str) -> Position:
        """Where the value of an option stands; the section's header where it is left out."""
        return self.places.get(option, self.place)

    def mistake(
        self, message: str, option: str = "", hint: str = "", related: tuple[Related, ...] = ()
    ) -> DescriptionError:
        """The error that an option has a wrong value, or the section as a whole."""
        return mistake(message, self.at(option), hint, related)


def kind_of(section: DarknetSection, problems: Problems, *, first: bool) -> tuple[str, SectionKind | None]:
    """The kind of a section by its name; None, and a problem, where it is not known or stands elsewhere."""
    name = ALIASES.get(section.name, section.name)
    if (name == "net") != first:
        if not first:
            problems.add(
                "[net] stands behind layers", section.place, "it is the first section, and there is one"
            )
            return name, None
        hint = nearest(section.name, ("net", "network")) or "it has width, height and channels of the input"
        problems.add(f"the first section is [net], not {quoted(section.name)}", section.place, hint)
        if name not in SECTIONS:
            return name, None
    if name == "net":
        return name, NET
    kind = SECTIONS.get(name)
    if kind is None and section.name:
        hint = nearest(section.name, (*SECTIONS, *ALIASES))
        problems.add(f"no section is called {quoted(section.name)}", section.place, hint)
    return name, kind


class _OptionValues(NamedTuple):
    """The values of a section's options while they are read, see `DarknetLayer`."""

    whole: dict[str, int]
    lists: dict[str, tuple[int, ...]]
    words: dict[str, str]
    decimals: dict[str, Fraction]
    number_places: dict[str, tuple[Position, ...]]


def layer_of(
    section: DarknetSection, called: str, kind: SectionKind, problems: Problems, remark: Remark
) -> DarknetLayer:
    """A section with the values of its options; what is wrong with them is added to the problems."""
    found = _left_out(kind)
    written: dict[str, Option] = {}
    doubtful = False
    for option in section.options:
        own = kind.settings.get(option.name)
        before = len(problems.found)
        if own is None:
            _look_at_other(section, option, kind, problems, remark)
        elif option.name in written:
            _look_at_second(section, written[option.name], option, problems, remark)
        else:
            written[option.name] = option
            with problems:
                _put(found, option, own)
        # A word that is wrong leaves all sizes as they are.
        if len(problems.found) > before and not isinstance(own, WordOption):
            doubtful = True
    places = {name: option.place for name, option in written.items()}
    return DarknetLayer(
        kind=called,
        place=section.place,
        whole=found.whole,
        lists=found.lists,
        words=found.words,
        decimals=found.decimals,
        places=places,
        number_places=found.number_places,
        doubtful=doubtful,
    )


def _left_out(kind: SectionKind) -> _OptionValues:
    """The values of options that are left out."""
    found = _OptionValues({}, {}, {}, {}, {})
    for name, setting in kind.settings.items():
        if isinstance(setting, WholeOption):
            if setting.default is not None:
                found.whole[name] = setting.default
        elif isinstance(setting, IndicesOption):
            found.lists[name] = ()
        elif isinstance(setting, WordOption):
            found.words[name] = setting.default
        elif isinstance(setting, DecimalOption):
            found.decimals[name] = Fraction(setting.default)
    return found


def _put(found: _OptionValues, option: Option, setting: Setting) -> None:
    """Read the value of an option; raises DescriptionError."""
    name, place = option.name, option.place
    if isinstance(setting, WholeOption):
        found.whole[name] = _whole(option, _number_text(option), place, setting.least)
    elif isinstance(setting, DecimalOption):
        found.decimals[name] = _decimal(option, _number_text(option), place)
    elif isinstance(setting, WordOption):
        found.words[name] = _word(option, setting)
    elif isinstance(setting, IndicesOption):
        parts = _parts(option, _MOST_INDICES)
        if len(parts) > 1 and not parts[-1][0]:
            message = f"{quoted(name)} ends in a comma, behind which darknet reads one more: 0"
            raise mistake(message, place, "leave the comma out")
        found.lists[name] = tuple([_whole(option, *part, setting.least) for part in parts])
        found.number_places[name] = tuple([where for _, where in parts])
    else:
        # Anchors may end in a comma.
        numbers = [_decimal(option, *part) for part in _parts(option, setting.most) if part[0]]
        found.whole[name] = len(numbers)


def _look_at_other(
    section: DarknetSection, option: Option, kind: SectionKind, problems: Problems, remark: Remark
) -> None:
    if option.name in kind.others or option.name in OF_ALL:
        return
    hint = nearest(option.name, (*kind.settings, *kind.others, *OF_ALL))
    if hint and hint == nearest(option.name, kind.settings):
        problems.add(f"[{section.name}] has no option {quoted(option.name)}", option.name_place, hint)
    else:
        remark(f"[{section.name}] has no option {quoted(option.name)}; it is passed over", option.name_place)


def _look_at_second(
    section: DarknetSection, first: Option, second: Option, problems: Problems, remark: Remark
) -> None:
    message = f"{quoted(second.name)} stands twice in this [{section.name}]"
    if first.value == second.value:
        remark(f"{message}, with the same value", second.name_place)
    else:
        related = (Related(f"first it is {quoted(first.value)}", first.place),)
        problems.add(message, second.name_place, "darknet takes the first; leave one out", related)


def _number_text(option: Option) -> str:
    """What darknet's readers of numbers look at: they stop at what is none, a comment for one."""
    return re.split("[#;]", option.value, maxsplit=1)[0].strip()


def _parts(option: Option, most: int) -> list[tuple[str, Position]]:
    """What stands between commas, and where."""
    text = _number_text(option)
    parts = text.split(",")
    if len(parts) > most:
        raise mistake(f"{len(parts):,} numbers; at most {most:,} are read", option.place)
    found = []
    source, line, at, _ = option.place
    for part in parts:
        first = at + len(part) - len(part.lstrip())
        text = part.strip()
        found.append((text, Position(source, line, first, first + max(len(text), 1))))
        at += len(part) + 1
    return found


def _decimal(option: Option, text: str, place: Position) -> Fraction:
    if not _DECIMAL.fullmatch(text):
        raise mistake(f"{quoted(option.name)} takes numbers, {quoted(text)} is none", place)
    return Fraction(text)


def _whole(option: Option, text: str, place: Position, least: int | None) -> int:
    if not _WHOLE.fullmatch(text):
        hint = ""
        if "".join(text.split()).isdecimal() and len(text.split()) > 1:
            hint = "a list has commas between its numbers"
        elif text.lstrip("+-").isdecimal():
            hint = "it has nine digits at most"
        raise mistake(f"{quoted(option.name)} takes whole numbers, {quoted(text)} is none", place, hint)
    number = int(text)
    if least is not None and number < least:
        raise mistake(f"{quoted(option.name)} is {number}, and has to be at least {least}", place)
    return number


def _word(option: Option, setting: WordOption) -> str:
    if option.value in setting.words:
        return option.value
    text = re.split("[#;]", option.value, maxsplit=1)[0].strip()
    hint = nearest(option.value, setting.words)
    if text != option.value and text in setting.words:
        hint = "darknet takes the comment for a part of the word; write it on a line of its own"
    elif not hint:
        hint = f"expected {listed(setting.words, conjunction=' or ')}"
    raise mistake(f"no {option.name} is called {quoted(option.value)}", option.place, hint)
