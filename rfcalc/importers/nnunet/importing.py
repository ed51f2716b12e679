"""Plans of nnU-Net as a network of steps."""

from __future__ import annotations

import os
from collections.abc import Mapping

from rfcalc.errors import (
    Source,
    UsageError,
    counted,
    of_axes,
    option,
    quoted,
    spoken,
)
from rfcalc.files import bytes_of, text_of
from rfcalc.importers.inputs import by_input
from rfcalc.importers.json_text import read_json
from rfcalc.importers.nnunet.dataset import Dataset, dataset_beside
from rfcalc.importers.nnunet.fields import MOST_CHANNELS, Fields
from rfcalc.importers.nnunet.network import UNetBuilder
from rfcalc.importers.nnunet.plans import PlannedConfiguration, chosen, configurations, read_configuration
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.ops.attributes import NO, YES
from rfcalc.problems import Problems
from rfcalc.shapes import Shape
from rfcalc.spec.document_text import LONGEST_TEXT

_INPUT = "input"
# Where nothing says how many there are: a background and what is looked for.
_CLASSES = 2


def values_in(path: str) -> Mapping[str, str]:
    """The configurations of a plans file; raises DescriptionError and UsageError."""
    source = Source("", text_of(bytes_of(path, LONGEST_TEXT, given=True), path, LONGEST_TEXT, "plans"))
    return dict.fromkeys(configurations(Fields(source, Problems()), read_json(source)), "")


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network of a configuration of a plans file, called `name`.

    inputs: the size of its patch, with the channels of the network.
    settings: configuration, channels, classes, deep_supervision.
    Raises DescriptionError with the mistakes in the file or in its dataset, and UsageError.
    """
    source = Source("", text_of(bytes_of(path, LONGEST_TEXT, given=True), path, LONGEST_TEXT, "plans"))
    fields = Fields(source, Problems())
    root = read_json(source)
    all_of = configurations(fields, root)
    asked, said = chosen(all_of, settings.get("configuration", ""))
    way = spoken(f"{os.path.basename(path)}:NAME", option("set", {"configuration": "…"}))
    if not asked:
        raise UsageError(f"{said}; {way} says which")
    collector = StepCollector(source.text)
    if said:
        collector.remark(f"{said}; {way} says another", source.at(*all_of[asked].key).span)
    found = read_configuration(fields, all_of, asked)
    channels, classes = _counts(path, fields, collector, found, settings)
    shape = _entering(found, channels, inputs, settings)
    supervised = _flag(settings, "deep_supervision")
    patch = None if inputs else fields.related("the patch", found.patch_at)
    outputs = UNetBuilder(collector, fields, found.architecture, shape, patch).build(classes, supervised)
    dataset = root.members.get("dataset_name")
    of = f" of {dataset.held}" if dataset and isinstance(dataset.held, str) else ""
    return collector.collected(name, f"nnU-Net, {asked}{of}", outputs)


def _counts(
    path: str,
    fields: Fields,
    collector: StepCollector,
    found: PlannedConfiguration,
    settings: Mapping[str, str],
) -> tuple[int, int]:
    """The channels of the input and the classes of the output, which the plans do not say."""
    channels, classes = _number(settings, "channels"), _number(settings, "classes")
    dataset = dataset_beside(path) if not (channels and classes) else None
    schemes = found.schemes
    place = fields.place(schemes) if schemes else ""
    if not channels and dataset:
        channels = dataset.channels
        if schemes and len(schemes.items) != channels:
            collector.remark(
                f"normalization_schemes are {len(schemes.items)}, and {quoted(dataset.path)} names "
                f"{counted(channels, 'channel')}, which are taken",
                place,
            )
    if not channels:
        if not schemes or not schemes.items:
            say = option("set", {"channels": "…"})
            raise UsageError(f"neither the plans nor a dataset.json beside them say how many channels; {say}")
        channels = len(schemes.items)
    foreground = classes - 1 if classes else dataset.foreground if dataset else _CLASSES - 1
    if not classes:
        classes = dataset.classes if dataset else _CLASSES
        _remark_classes(collector, dataset)
    if found.previous and foreground:
        collector.remark(
            f"the input has {counted(channels, 'channel')} of an image and {foreground} of the segmentation "
            f"of {found.previous}",
            fields.place(found.previous_at) if found.previous_at else "",
        )
        channels += foreground
    return channels, classes


def _remark_classes(collector: StepCollector, dataset: Dataset | None) -> None:
    if dataset is None:
        collector.remark(
            f"no dataset.json stands beside the plans: {_CLASSES} classes are taken, "
            f"{option('set', {'classes': '…'})} says another number"
        )


def _entering(
    found: PlannedConfiguration,
    channels: int,
    inputs: Mapping[str, tuple[int, ...]],
    settings: Mapping[str, str],
) -> Shape:
    """The size of the input: the patch, or what is asked for."""
    size = by_input([_INPUT], inputs).get(_INPUT)
    if size is None:
        return Shape(found.patch, channels)
    axes = len(found.patch)
    if len(size) != axes + 1:
        raise UsageError(
            f"{option('input')}: a patch has {of_axes(axes)}, then channels: expected {axes + 1} lengths, "
            f"got {len(size)}"
        )
    if "channels" in settings and size[-1] != channels:
        said = option("set", {"channels": settings["channels"]})
        raise UsageError(f"{option('input')} has {counted(size[-1], 'channel')}, and {said} says {channels}")
    return Shape(size[:-1], size[-1])


def _number(settings: Mapping[str, str], name: str) -> int:
    """A setting that is a number; 0 for none."""
    given = settings.get(name)
    if given is None:
        return 0
    if not (given.isascii() and given.isdecimal() and len(given) <= 8 and 1 <= int(given) <= MOST_CHANNELS):
        raise UsageError(f"{option('set', {name: given})}: {name} is a whole number of at least 1")
    return int(given)


def _flag(settings: Mapping[str, str], name: str) -> bool:
    given = settings.get(name, "no")
    if given.casefold() not in YES | NO:
        raise UsageError(f"{option('set', {name: given})}: {name} is yes or no")
    return given.casefold() in YES
