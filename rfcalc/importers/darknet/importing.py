"""A configuration of darknet as a network of steps."""

from __future__ import annotations

from collections.abc import Mapping

from rfcalc.errors import DescriptionError, Position, Source, UsageError, option, quoted
from rfcalc.files import bytes_of, text_of
from rfcalc.importers.darknet import heads, joining, recurrent
from rfcalc.importers.darknet.layers import LAYERS
from rfcalc.importers.darknet.network import LayerInputs, Unfinished
from rfcalc.importers.darknet.options import ALIASES, SECTIONS
from rfcalc.importers.darknet.reading import DarknetSection, read_sections
from rfcalc.importers.darknet.values import DarknetLayer, kind_of, layer_of
from rfcalc.importers.inputs import by_input
from rfcalc.importers.steps import ImportedNetwork
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.problems import Problems
from rfcalc.shapes import Shape

# darknet's own are 60 KB at most.
LONGEST = 2**20
# Options that nobody knows and what else a remark is made of; each costs a search for the nearest word.
_MOST_REMARKS = 50
# Layers that read layers: what all of them together read.
_MOST_READ = 50_000
# What a network is made for: its outputs leave it wherever they stand.
_HEADS = ("yolo", "Gaussian_yolo", "region", "detection", "iseg")
# What these leave has the size of what stands before them, also where something is wrong with them.
_AS_BEFORE = (*_HEADS, "shortcut", "dropout", "softmax", "shift_channels", "control_channels")
# What stands behind the last layer when it is trained.
_TRAINING = ("cost", "contrastive")
# These modules add their layers to the table when they are loaded.
_TABLES = (heads, joining, recurrent)


def read(
    path: str, name: str, inputs: Mapping[str, tuple[int, ...]], settings: Mapping[str, str]
) -> ImportedNetwork:
    """The network in a `.cfg` file, called `name`; inputs: another size than that of [net], under "".

    Raises UsageError, and DescriptionError with all mistakes of the file.
    """
    data = bytes_of(path, LONGEST)
    if b"\0" in data:
        raise UsageError("it is no text, as a configuration of darknet is")
    if len(data) > LONGEST:
        text_of(data, "", LONGEST, "a configuration of darknet")
    # Comments are in whatever their authors write; nothing else has letters that are not ASCII.
    return imported(data.decode("utf-8", "replace").removeprefix("\ufeff"), name, inputs)


def imported(text: str, name: str, inputs: Mapping[str, tuple[int, ...]]) -> ImportedNetwork:
    """The network of a text, see `read`."""
    source, problems = Source("", text), Problems()
    reader = _ConfigurationReader(source, problems)
    layers = reader.layers(read_sections(source, problems))
    if not layers:
        problems.raise_any()
        raise UsageError("a configuration of darknet without a section")
    shape = _input_size(layers[0], inputs, problems)
    network = reader.network(layers[0], layers[1:], shape)
    if network is None:
        problems.raise_any()
        raise UsageError("it has no layers: [net] alone")
    outputs = network
    problems.raise_any()
    return reader.collector.collected(name, "darknet", outputs)


class _ConfigurationReader:
    """Reads one configuration; what is wrong is added to the problems."""

    def __init__(self, source: Source, problems: Problems) -> None:
        self.source = source
        self.problems = problems
        self.collector = StepCollector(source.text)
        self.remarks = 0

    def _remark(self, text: str, place: Position) -> None:
        self.remarks += 1
        if self.remarks > _MOST_REMARKS:
            self.problems.stop(f"more than {_MOST_REMARKS} options that no layer has, or has twice", place)
        self.collector.remark(text, place.span)

    def layers(self, sections: list[DarknetSection]) -> list[DarknetLayer]:
        """The sections with the values of their options."""
        found = []
        known = {*SECTIONS, *ALIASES, "net", "network"}
        if sections and not any(section.name.casefold() in known for section in sections):
            self.problems.stop(
                "no section of darknet stands in this file",
                sections[0].place,
                "a .cfg file of another program? A network begins with [net] and its layers: [convolutional]",
            )
        for number, section in enumerate(sections):
            name, kind = kind_of(section, self.problems, first=number == 0)
            if kind is None:
                found.append(DarknetLayer(kind="", place=section.place))
            else:
                found.append(layer_of(section, name, kind, self.problems, self._remark))
        return found

    def network(self, net: DarknetLayer, layers: list[DarknetLayer], shape: Shape | None) -> list[int] | None:
        """The numbers of the steps that leave the network of these layers; None where there is none."""
        if net.kind != "net":
            # Said already; the first section is a layer then, and what enters is not known.
            layers, shape = [net, *layers], None
        before = self.collector.entering(shape) if shape else None
        steps: list[int | None] = []
        read = 0
        for layer in layers:
            read += sum(map(len, layer.lists.values()))
            if read > _MOST_READ:
                self.problems.stop(f"more than {_MOST_READ:,} layers are read by layers", layer.place)
            it = LayerInputs(self.collector, layer, layers, steps, before)
            step = None
            if layer.kind and not layer.doubtful:
                try:
                    step = LAYERS[layer.kind](it)
                except Unfinished:
                    pass
                except DescriptionError as error:
                    self.problems.extend(error.diagnostics)
                    step = before if layer.kind in _AS_BEFORE else None
            steps.append(step)
            before = step
        leaving = [number for number, layer in enumerate(layers) if layer.kind in _HEADS]
        last = [number for number, layer in enumerate(layers) if layer.kind not in _TRAINING][-1:]
        outputs = [step for number in (*leaving, *last) if (step := steps[number]) is not None]
        return outputs or None


def _input_size(net: DarknetLayer, inputs: Mapping[str, tuple[int, ...]], problems: Problems) -> Shape | None:
    """The size of the input: what is asked for, or what [net] says."""
    if net.kind != "net":
        return None
    given = by_input(["input"], {"" if name == "input" else name: size for name, size in inputs.items()})
    size = given.get("input")
    if size is not None:
        if len(size) == 1 and "width" not in net.whole:
            return Shape((1, 1), size[0])
        if len(size) != 3:
            raise UsageError(f"{option('input')}: the input has height, width and channels, as 416x416x3")
        return Shape(size[:2], size[2])
    whole = net.whole
    missing = [name for name in ("width", "height", "channels") if name not in whole]
    if not missing:
        return Shape((whole["height"], whole["width"]), whole["channels"])
    if "inputs" in whole and len(missing) == 3:
        return Shape((1, 1), whole["inputs"])
    wrong = [name for name in missing if name in net.places]
    if not wrong:
        problems.add(
            f"[net] does not say {' and '.join(map(quoted, missing))} of the input",
            net.place,
            "width, height and channels are needed, or inputs for a vector",
        )
    return None
