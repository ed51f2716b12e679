"""The layers of a network followed one by one, each by the function for its type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence, Set
from functools import partial
from importlib import import_module

from rfcalc.errors import DescriptionError, Position, Related, counted, nearest, quoted
from rfcalc.importers.caffe.call import LAYERS, CaffeLayer, LayerCall
from rfcalc.importers.caffe.network import DATA, ENDS, LABELLED, MEASURES, PhaseNetwork
from rfcalc.importers.tracing.results import as_several
from rfcalc.importers.tracing.tracer import StepTracer, attempt
from rfcalc.importers.tracing.views import Caller, Dimension, TensorView
from rfcalc.problems import Problems
from rfcalc.records import NamedTuple
from rfcalc.shapes import LARGEST_SIZE

for _module in ("windows", "elements", "arranging"):
    import_module(f"rfcalc.importers.caffe.operators.{_module}")

# Layers that compute what only their own code says.
_UNKNOWN = frozenset(
    "LSTM RNN LSTMUnit Recurrent SPP Im2col Filter BatchReindex Parameter Proposal PSROIPooling Correlation "
    "Warp Convolution3D Reorg Region YoloDetectionOutput CTCLoss".split()
)
# Layers that do the same to each of their bottoms, and learn once.
_EACH = frozenset(("Convolution", "Deconvolution", "DepthwiseConvolution", "ConvolutionDepthwise"))
# Parameters of some types alone, which another passes over.
_PARAMETERS = {
    "convolution_param": (*_EACH, "Im2col"),
    "pooling_param": ("Pooling",),
    "inner_product_param": ("InnerProduct",),
    "lrn_param": ("LRN",),
    "eltwise_param": ("Eltwise",),
    "scale_param": ("Scale",),
    "batch_norm_param": ("BatchNorm", "BN"),
}
_ADVICE = "docs/importing.md has the types that are read"


class Blob(NamedTuple):
    """A tensor by its name; view: None for one that is no output of a layer, or could not be made.

    place: where it is made.  label: whether it is a label, or a measure of what the network gives.
    broken: whether the layer that gives it is wrong, so that nothing is said of those that read it.
    """

    view: TensorView | None
    place: Position
    label: bool = False
    broken: bool = False


class LayerFollower:
    """Follows the layers of one network; blobs: the tensors there are, first those that enter."""

    def __init__(
        self, tracer: StepTracer, network: PhaseNetwork, batch: Dimension, problems: Problems, phase: str
    ) -> None:
        self.tracer = tracer
        self.network = network
        self.batch = batch
        self.problems = problems
        self.phase = phase
        self.blobs: dict[str, Blob] = {}
        self._owners: dict[str, tuple[CaffeLayer, tuple[int, ...]]] = {}
        # How many layers read each name, and how many of them measure what the network gives.
        self._readers = Counter(name for layer in network.layers for name in set(layer.bottoms))
        self._measures = Counter(
            name for layer in network.layers if layer.kind in MEASURES for name in set(layer.bottoms)
        )
        # The names of what no layer has read so far, in the order in which they were made.
        self.unread: dict[str, None] = {}

    def follow(self) -> list[TensorView]:
        """The tensors that leave the network; mistakes are added to the problems."""
        ending = _unread_tops(self.network.layers)
        paths = _paths({layer.name for layer in self.network.layers})
        for layer in self.network.layers:
            self.tracer.caller = Caller(layer.place.span, paths[layer.name])
            with self.problems:
                try:
                    self._layer(layer, ends=ending.issuperset(layer.tops))
                except DescriptionError:
                    self._make(layer, [], broken=True)
                    raise
        found = [self.blobs[name].view for name in self.unread]
        return [one for one in found if one is not None]

    def entering(self, name: str, view: TensorView | None, place: Position) -> None:
        """Let a tensor enter; None for a label."""
        self.blobs[name] = Blob(view, place, label=view is None)

    def _layer(self, layer: CaffeLayer, *, ends: bool) -> None:
        kind = layer.kind
        bottoms = self._bottoms(layer)
        self._refuse_duplicates(layer)
        for name in layer.bottoms:
            self.unread.pop(name, None)
        if any(one is None or one.broken for one in bottoms) or not kind or layer.values.wrong:
            self._make(layer, [], broken=True)
            return
        read = [one for one in bottoms if one is not None]
        if kind in ENDS:
            return
        if kind in MEASURES:
            self._measured(layer, read)
            return
        if kind in LABELLED:
            read = read[:1]
        follow = LAYERS.get(kind)
        if follow is None:
            self._unknown(layer, ends=ends)
            return
        for name, kinds in _PARAMETERS.items():
            if name in layer.values and kind not in kinds:
                self.tracer.remark(f"{name} is passed over: {kind} reads none", layer.values.at(name).span)
        views = self._views(layer, read)
        places = [one.place for one in read]
        call = LayerCall(self.tracer, layer, views, places, self.batch, self._owners)
        results = []
        for each in call.each() if kind in _EACH else [call]:
            results += as_several(attempt(self.tracer, partial(follow, each)))
        if len(layer.tops) > len(results) and kind not in LABELLED:
            what = "a top for each bottom" if kind in _EACH else counted(len(results), "top")
            extra = layer.values.at("top", len(results))
            raise call.mistake(f"{kind} leaves {what}, this layer has {len(layer.tops)}", extra)
        longest = max((max((1, *one.lengths)) for one in results if isinstance(one, TensorView)), default=1)
        if longest >= LARGEST_SIZE:
            raise call.mistake(f"a length of what it leaves passes {LARGEST_SIZE:,}")
        made = [self.tracer.moved(one, views) if isinstance(one, TensorView) else None for one in results]
        self._make(layer, made)

    def _measured(self, layer: CaffeLayer, read: Sequence[Blob]) -> None:
        """What is measured leaves the network where nothing else reads it, not the measure."""
        for name, one in zip(layer.bottoms, read, strict=True):
            if one.view is None or self.tracer[one.view.step].operator == "input":
                continue
            if self._readers[name] == self._measures[name]:
                self.unread[name] = None
        self._make(layer, [], label=True)

    def _views(self, layer: CaffeLayer, read: Sequence[Blob]) -> list[TensorView]:
        """What a layer reads, which are tensors, and it leaves some."""
        if not layer.bottoms:
            message = f"{layer.kind} reads a bottom, this layer has none"
            raise self._at(layer).mistake(message, None, 'as bottom: "data"')
        for number, one in enumerate(read):
            if one.view is None:
                raise self._at(layer).mistake(
                    f"{quoted(layer.bottoms[number])} is a label or measure, which {layer.kind} cannot read",
                    layer.bottom_place(number),
                    "",
                    Related("it is made here", one.place),
                )
        if not layer.tops:
            raise self._at(layer).mistake(f"{layer.kind} needs a top", None, f'as top: "{layer.name}"')
        return [one.view for one in read if one.view is not None]

    def _at(self, layer: CaffeLayer) -> LayerCall:
        return LayerCall(self.tracer, layer, (), (), self.batch, self._owners)

    def _bottoms(self, layer: CaffeLayer) -> list[Blob | None]:
        found = []
        for number, name in enumerate(layer.bottoms):
            blob = self.blobs.get(name)
            if blob is None:
                self._missing(layer, number, name)
            found.append(blob)
        return found

    def _missing(self, layer: CaffeLayer, number: int, name: str) -> None:
        place = layer.bottom_place(number)
        out = self.network.left_out.get(name)
        later = next((one for one in self.network.layers if name in one.tops), None)
        related: tuple[Related, ...] = ()
        if out is not None and later is None:
            message = f"the layer that makes {quoted(name)} is not built in phase {self.phase}"
            hint, related = "its include or exclude says so", (Related("it is here", out.place),)
        elif later is not None and later is not layer:
            message = f"{quoted(name)} is made behind this layer, which reads it"
            hint = "a layer stands behind those that it reads"
            related = (Related("it is made here", later.place),)
        else:
            message = f"no layer before makes {quoted(name)}"
            hint = nearest(name, list(self.blobs)[-2000:])
        self.problems.add(message, place, hint, related)

    def _refuse_duplicates(self, layer: CaffeLayer) -> None:
        own: set[str] = set()
        for number, top in enumerate(layer.tops):
            before = self.blobs.get(top)
            in_place = number < len(layer.bottoms) and layer.bottoms[number] == top
            if top in own or (before is not None and not in_place):
                first = before.place if before is not None else layer.values.at("top")
                self.problems.add(
                    f"{quoted(top)} is made twice",
                    layer.values.at("top", number),
                    "a layer that works in place reads it as its bottom; others need a name of their own",
                    (Related("first it is made here", first),),
                )
            own.add(top)

    def _make(
        self, layer: CaffeLayer, views: list[TensorView | None], *, label: bool = False, broken: bool = False
    ) -> None:
        """Let the tops of a layer be there."""
        for number, top in enumerate(layer.tops):
            view = views[number] if number < len(views) else None
            self.blobs[top] = Blob(view, layer.values.at("top", number), label, broken)
            self.unread.pop(top, None)
            if view is not None and not (number and view == views[0]):
                # A second name of the same tensor leaves nothing of its own.
                self.unread[top] = None

    def _unknown(self, layer: CaffeLayer, *, ends: bool) -> None:
        kind, call = layer.kind, self._at(layer)
        if kind == "Python":
            python = layer.values.message("python_param")
            code = ".".join(filter(None, (python.word("module"), python.word("layer"))))
            raise call.mistake(
                f"a Python layer runs code of its own{f', {code}' if code else ''}, which is never run here",
                layer.type_place,
                "take it out of the file, or write layers in its place that do the same",
            )
        hint = "" if kind in _UNKNOWN else nearest(kind, (*LAYERS, *DATA, *MEASURES, *ENDS, "Input"))
        if ends and not hint and layer.bottoms:
            self.tracer.remark(
                f"layers of type {quoted(kind)} are not known; {quoted(layer.name)} stands at the end of the "
                f"network and is left out with its {counted(len(layer.tops), 'top')}",
                layer.type_place.span,
            )
            for name in layer.bottoms:
                if self.blobs[name].view is not None and self._readers[name] == 1:
                    self.unread[name] = None
            return
        raise call.mistake(
            f"layers of type {quoted(kind)} are not known, nor how large what they leave is",
            layer.type_place,
            hint or _ADVICE,
        )


def _paths(names: Set[str]) -> dict[str, str]:
    """The path of each layer: what stands before a slash is a scope, unless that is a layer (`conv1/bn`)."""
    found = {}
    for name in names:
        first, *others = name.replace(".", "_").split("/")
        path, whole = first, first
        for part in others:
            path += f"{'_' if whole in names or not part or not path else '.'}{part}"
            whole += f"/{part}"
        found[name] = path
    return found


def _unread_tops(layers: tuple[CaffeLayer, ...]) -> frozenset[str]:
    """The names that no layer reads."""
    read = {name for layer in layers for name in layer.bottoms}
    return frozenset([top for layer in layers for top in layer.tops if top not in read])


def needed(network: PhaseNetwork) -> Mapping[str, bool]:
    """Whether a layer reads each entering tensor that is no label: by its name."""
    read: set[str] = set()
    for layer in network.layers:
        if layer.kind in ENDS:
            continue
        labelled = layer.kind in LABELLED or layer.kind in MEASURES
        read.update(layer.bottoms[:1] if labelled else layer.bottoms)
    return {one.name: one.name in read for one in network.entering}
