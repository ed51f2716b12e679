"""What a dataset says of a network: the channels of an image, and the labels of its segmentation."""

from __future__ import annotations

import os

from rfcalc.errors import Source, listed
from rfcalc.files import NoSuchFile, bytes_of, text_of
from rfcalc.importers.json_text import JsonValue, read_json
from rfcalc.importers.nnunet.fields import Fields
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.spec.document_text import LONGEST_TEXT

_NAME = "dataset.json"
_IGNORE = "ignore"


class Dataset(NamedTuple):
    """A dataset.  path: of its file.  foreground: how many labels there are but the background."""

    path: str
    channels: int
    classes: int
    foreground: int


def dataset_beside(path: str) -> Dataset | None:
    """The dataset of a plans file: `dataset.json` in its folder, where nnU-Net puts it; None without one.

    Of several plans in a folder each has its own: `x.dataset.json` beside `x.plans.json`.
    Raises DescriptionError where it is no dataset, at the place in it.
    """
    folder, name = os.path.split(path)
    names = [name.replace("plans", "dataset"), _NAME] if "plans" in name else [_NAME]
    for one in names:
        beside = os.path.join(folder, one)
        try:
            data = bytes_of(beside, LONGEST_TEXT)
        except NoSuchFile:
            continue
        return _read(beside, text_of(data, beside, LONGEST_TEXT, "a dataset"))
    return None


def _read(path: str, text: str) -> Dataset:
    source, problems = Source(path, text), Problems()
    fields = Fields(source, problems)
    root = read_json(source)
    within = fields.members(root, "a dataset")
    problems.raise_any()
    channels = within.get("modality") or fields.required(within, "channel_names", root, "the dataset")
    labels = fields.required(within, "labels", root, "the dataset")
    number = len(fields.members(channels, "channel_names")) if channels else 0
    if channels and not problems.found and not number:
        fields.add("there are no channels", channels)
    named = fields.members(labels, "labels") if labels else {}
    numbers: set[int] = set()
    regions = 0
    several = False
    for key, value in named.items():
        those = _numbers(fields, value, key)
        several |= len(value.items) > 1
        if key != _IGNORE:
            numbers |= those
            regions += those != {0}
    if labels and not problems.found and not numbers:
        fields.add("there are no labels", labels)
    problems.raise_any()
    return Dataset(path, number, regions if several else len(numbers), len(numbers - {0}))


def _numbers(fields: Fields, value: JsonValue, key: str) -> set[int]:
    """The numbers of a label, several for a region."""
    each = value.items if isinstance(value.held, tuple) else (value,)
    found = set()
    for one in each:
        if isinstance(one.held, int) and not isinstance(one.held, bool) and one.held >= 0:
            found.add(one.held)
        else:
            hint = "version 1 of nnU-Net had them the other way round" if isinstance(one.held, str) else ""
            meant = listed(["a whole number", "for a region a list of them"], conjunction=", ")
            fields.add(f"the label {key!r} is {meant}, not {one.shown}", one, hint)
    return found
