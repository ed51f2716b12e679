"""Plans: the configurations of a file, and what each says with what it inherits."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.errors import cut, listed, nearest, quoted
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.nnunet.architecture import Architecture, read_architecture
from rfcalc.importers.nnunet.fields import MOST_LENGTH, Fields
from rfcalc.records import NamedTuple

# So many letters of names are told.
_LONGEST_LIST = 400
_USUAL = "3d_fullres"


class PlannedConfiguration(NamedTuple):
    """One configuration.

    patch: the size of what the network sees at once; patch_at: where that stands.
    schemes: the normalisations of the channels of an image; None where they are not said.
    previous: the configuration whose segmentation it is given beside the image, "" for none; previous_at:
        where that stands.
    """

    name: str
    patch: tuple[int, ...]
    patch_at: JsonValue
    schemes: JsonValue | None
    previous: str
    previous_at: JsonValue | None
    architecture: Architecture


def configurations(fields: Fields, root: JsonValue) -> Mapping[str, JsonValue]:
    """Those of a file, by their names; raises DescriptionError where there are none."""
    plans = fields.members(root, "a plans file")
    fields.problems.raise_any()
    found = fields.required(plans, "configurations", root, "the file")
    members = fields.members(found, "configurations") if found else {}
    if found and not members:
        fields.add("there are no configurations", found)
    fields.problems.raise_any()
    return members


def chosen(names: Mapping[str, JsonValue], asked: str) -> tuple[str, str]:
    """The name of the configuration that is asked for, else of the usual one, and what is to be said of that.

    Both are empty where there is none: then the second says what is wrong.
    """
    there = (
        f"there are {cut(listed(map(quoted, names)), _LONGEST_LIST)}"
        if len(names) > 1
        else f"there is {listed(map(quoted, names))}"
    )
    if asked:
        if asked in names:
            return asked, ""
        near = nearest(asked, names)
        return "", f"it has no configuration {quoted(asked)}; {f'{near} ' if near else ''}{there}"
    if len(names) == 1:
        return next(iter(names)), ""
    if _USUAL in names:
        return _USUAL, f"{_USUAL} is taken, of {listed(names)}"
    return "", f"{there}: which one is meant?"


def read_configuration(fields: Fields, all_of: Mapping[str, JsonValue], name: str) -> PlannedConfiguration:
    """A configuration with what it inherits; raises DescriptionError, with every mistake that is in it."""
    within = _inherited(fields, all_of, name)
    at = all_of[name]
    fields.problems.raise_any()
    what = f"the configuration {quoted(name)}"
    patch = fields.required(within, "patch_size", at, what)
    axes: tuple[int, ...] = ()
    if patch is not None:
        if isinstance(patch.held, tuple) and 1 <= len(patch.items) <= 3:
            axes = fields.per_axis(patch, "patch_size", len(patch.items), MOST_LENGTH)
        else:
            fields.add(f"patch_size is a list of 2 or 3 lengths, not {patch.shown}", patch)
    architecture = read_architecture(fields, within, at, name, len(axes))
    previous = within.get("previous_stage")
    before = fields.text(previous, "previous_stage") if previous and previous.held is not None else ""
    if previous and before and before not in all_of:
        near = nearest(before, all_of) or f"there are {cut(listed(all_of), _LONGEST_LIST)}"
        fields.add(f"previous_stage is {quoted(before)}, which is no configuration", previous, near)
    schemes = within.get("normalization_schemes")
    if schemes and not isinstance(schemes.held, tuple):
        fields.add(f"normalization_schemes is a list, one for each channel, not {schemes.shown}", schemes)
    fields.problems.raise_any()
    assert patch is not None and architecture is not None
    return PlannedConfiguration(
        name=name,
        patch=axes,
        patch_at=patch,
        schemes=schemes,
        previous=before,
        previous_at=previous,
        architecture=architecture,
    )


def _inherited(fields: Fields, all_of: Mapping[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """What a configuration says, and those that it inherits from where it says nothing itself."""
    line: list[str] = []
    found: dict[str, JsonValue] = {}
    while True:
        members = fields.members(all_of[name], f"the configuration {quoted(name)}")
        line.append(name)
        for key, value in members.items():
            found.setdefault(key, value)
        parent = members.get("inherits_from")
        if parent is None:
            return found
        name = fields.text(parent, "inherits_from")
        if name in line:
            chain = " from ".join([*line[line.index(name) :], name])
            related = [
                fields.related(f"{one} inherits here", all_of[one].members["inherits_from"])
                for one in line[line.index(name) : -1]
            ]
            fields.add(f"configurations inherit in a circle: {chain}", parent, related=related)
            return found
        if name not in all_of:
            if name:
                near = nearest(name, all_of) or f"there are {cut(listed(all_of), _LONGEST_LIST)}"
                fields.add(f"inherits_from is {quoted(name)}, which is no configuration", parent, near)
            return found
