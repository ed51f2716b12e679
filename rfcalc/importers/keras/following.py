"""A model of Keras followed layer by layer, from its inputs to the steps that it is made of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rfcalc.errors import DescriptionError, Source, cut, mistake, nearest, quoted
from rfcalc.importers.json_text import JsonValue
from rfcalc.importers.keras.call import CONSTANTS, LAYERS, OPERATORS, LayerFollowing
from rfcalc.importers.keras.config import (
    NETWORKS,
    ConfigReader,
    KerasCall,
    KerasLayer,
    KerasNetwork,
    TensorReference,
    is_first_alone,
    lengths_of,
    positional,
    stated_sizes,
    tensors_of,
)
from rfcalc.importers.keras.graph_operations import as_function
from rfcalc.importers.keras.layers import load
from rfcalc.importers.keras.layers.arguments import of_size
from rfcalc.importers.keras.order import check, ordered, place_of
from rfcalc.importers.keras.tensorflow import as_operator, function_name
from rfcalc.importers.tracing.attention import FollowedTensor, settled
from rfcalc.importers.tracing.collector import MOST_STEPS
from rfcalc.importers.tracing.known import Known
from rfcalc.importers.tracing.results import as_several
from rfcalc.importers.tracing.tracer import StepTracer, attempt
from rfcalc.importers.tracing.views import Caller
from rfcalc.problems import Problems

# Layers that run, those that leave no step included.
_MOST_CALLS = 2 * MOST_STEPS
# Models within each other.
_DEEPEST = 32
# Layers whose code stands in the file, or nowhere: nothing of it is loaded.
_CODE = ("Lambda", "TFOpLambda")

# The outputs of the calls of layers, by the name of the layer and the number of the call.
Outputs = dict[tuple[str, int], list[FollowedTensor]]


class KerasFollower:
    """Follows the layers of one file.

    keras2: whether the rules of Keras 2 hold.  channels_first: the order of dimensions where a layer does
    not say.  trusted: whether sizes in the file are those of the input that is asked for.
    examples: how many the file has in a batch, 1 where it leaves that open.
    """

    def __init__(
        self,
        source: Source,
        reader: ConfigReader,
        *,
        keras2: bool,
        channels_first: bool,
        trusted: bool,
        examples: int,
    ) -> None:
        load()
        self.source = source
        self.reader = reader
        self.tracer = StepTracer(source.text, layered=True, most=MOST_STEPS)
        self.keras2 = keras2
        self.channels_first = channels_first
        self.examples = examples
        self.trusted = self._compared = trusted
        self.problems = Problems()
        self._followed = 0
        self._depth = 0
        # The models that are layers of others, by the identity of the layer.
        self._read: dict[int, KerasNetwork] = {}

    # Networks

    def network(
        self, network: KerasNetwork, given: Sequence[FollowedTensor], path: str, classes: tuple[str, ...]
    ) -> list[FollowedTensor]:
        """The outputs of a network that is called on tensors; path, classes: of what it stands in.

        Mistakes are noted; what reads a layer that could not be followed is left out.
        """
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._stop(f"models nest more than {_DEEPEST} deep", network.value)
        try:
            if network.sequential:
                return self._sequence(network, given, path, classes)
            return self._graph(network, given, path, classes)
        finally:
            self._depth -= 1

    def _sequence(
        self, network: KerasNetwork, given: Sequence[FollowedTensor], path: str, classes: tuple[str, ...]
    ) -> list[FollowedTensor]:
        tensors: list[FollowedTensor] | None = list(given)
        failed = False
        rest = [layer for layer in network.layers if layer.class_name != "InputLayer"]
        read = [lengths_of(layer.build.members.get("input_shape")) if layer.build else None for layer in rest]
        for place, layer in enumerate(rest):
            if tensors is None:
                # Behind a mistake layers are followed from where the file states what one of them reads.
                known = self._lengths(given, [read[place]])
                if known is None:
                    continue
                tensors = [self._stand_in(layer, given, known)]
            stated = read[place + 1] if place + 1 < len(rest) else None
            tensors = self._called(layer, tensors, None, path, classes, [stated], {})
            failed = failed or tensors is None
        return [] if failed or tensors is None else tensors

    def _stand_in(
        self, layer: KerasLayer, tensors: Sequence[FollowedTensor], lengths: list[int]
    ) -> FollowedTensor:
        """A tensor of this size in place of one that a mistake has left unknown."""
        following = LayerFollowing(self.tracer, self.source, layer, tensors, layer.name)
        return of_size(following, following.view(), lengths, 0)

    def _graph(
        self, network: KerasNetwork, given: Sequence[FollowedTensor], path: str, classes: tuple[str, ...]
    ) -> list[FollowedTensor]:
        layers = {layer.name: as_function(layer) for layer in network.layers}
        entering = network.inputs or [
            TensorReference(layer.name, 0, 0, layer.value)
            for layer in network.layers
            if layer.class_name == "InputLayer"
        ]
        if len(entering) != len(given):
            raise self._stop(
                f"it has {len(entering)} inputs and is called on {len(given)} tensors", network.value
            )
        outputs: Outputs = {}
        for one, tensor in zip(entering, given, strict=True):
            outputs[one.layer, one.call] = [tensor]
        stated = stated_sizes(network)
        # Calls that could not be followed: what reads one says nothing more.
        failed: set[tuple[str, int]] = set()
        for name, number in ordered(network, layers, outputs, failed, self.problems, self.source):
            layer = layers[name]
            call = layer.calls[number]
            read = tensors_of(call)
            if (name, number) in failed or any((one.layer, one.call) in failed for one in read):
                failed.add((name, number))
                continue
            shapes = stated.get((name, number), [None])
            try:
                called_on = tensors_of(call) if _is_operator(layer) else positional(call)
                tensors = [self._tensor(one, outputs) for one in called_on]
                found = self._called(layer, tensors, call, path, classes, shapes, outputs)
            except DescriptionError as error:
                self.problems.extend(error.diagnostics)
                found = None
            if found is None:
                failed.add((name, number))
            else:
                outputs[name, number] = found
        ends = network.outputs
        if any((one.layer, one.call) in failed for one in ends):
            return []
        return [self._tensor(one, outputs, layers) for one in ends]

    def _tensor(
        self, one: TensorReference, outputs: Outputs, layers: Mapping[str, KerasLayer] | None = None
    ) -> FollowedTensor:
        found = outputs.get((one.layer, one.call))
        if found is None:
            if layers is not None:
                check(one, layers, self.source)
            raise self._stop(f"nothing gives {quoted(one.layer)}", place_of(one))
        if not 0 <= one.output < len(found):
            there = "1 output" if len(found) == 1 else f"{len(found)} outputs"
            raise self._stop(
                f"{quoted(one.layer)} has {there}, there is no output {one.output}", place_of(one)
            )
        return found[one.output]

    def _stop(self, message: str, value: JsonValue, hint: str = "") -> DescriptionError:
        return mistake(message, value.position(self.source), hint)

    # Layers

    def _called(
        self,
        layer: KerasLayer,
        tensors: Sequence[FollowedTensor],
        call: KerasCall | None,
        path: str,
        classes: tuple[str, ...],
        stated: Sequence[tuple[int | None, ...] | None],
        outputs: Outputs,
    ) -> list[FollowedTensor] | None:
        """The outputs of a call of a layer; None where it could not be followed, which is noted.

        stated: the sizes that the file has for its outputs.
        """
        self._followed += 1
        if self._followed > _MOST_CALLS:
            raise self._stop(f"more than {_MOST_CALLS:,} layers run, those of models each time", layer.at)
        # A path has a part for each model that a layer stands in; a name with a dot is one part.
        own_name = layer.name.replace(".", "_")
        own_path = f"{path}.{own_name}" if path else own_name
        own_classes = (*classes, layer.class_name)
        place = layer.at.position(self.source).span
        self.tracer.caller = Caller(place, own_path, own_classes)
        following = LayerFollowing(
            self.tracer,
            self.source,
            layer,
            tensors,
            own_path,
            keras2=self.keras2,
            channels_first=self.channels_first,
            examples=self.examples,
        )
        following.inner = lambda value, given, at: self._within(layer, value, given, at, own_classes)
        following.tensor_of = lambda one: self._tensor(one, outputs)
        if call is not None:
            following.arguments, following.named = call.arguments, dict(call.named)
            following.at_call = layer.at
            alone = [one for one in call.arguments if isinstance(one, TensorReference)]
            following.positional = len(alone or tensors)
        try:
            self._compare(layer, tensors, call)
            if layer.class_name in NETWORKS:
                return self._nested(layer, tensors, call, own_path, own_classes) or None
            return self._single(following, call, stated)
        except DescriptionError as error:
            self.problems.extend(error.diagnostics)
        # What reads it is checked all the same where the file states its size.
        known = None if call is None else self._lengths(tensors, stated)
        return None if known is None else [self._stand_in(layer, tensors, known)] * len(stated)

    def _single(
        self,
        following: LayerFollowing,
        call: KerasCall | None,
        stated: Sequence[tuple[int | None, ...] | None],
    ) -> list[FollowedTensor]:
        """The outputs of a layer that holds no network."""
        layer, tensors, is_operator = following.layer, following.tensors, _is_operator(following.layer)
        if is_operator:
            following.layer = layer = as_operator(layer, call)
            follow = OPERATORS.get(layer.class_name)
            if all(isinstance(one, Known) for one in tensors):
                follow = CONSTANTS.get(layer.class_name, follow)
        else:
            follow = LAYERS.get(layer.class_name)
            if follow is None and layer.module.startswith("keras.ops"):
                follow = OPERATORS.get(layer.class_name)
        if follow is None:
            return self._unknown(following, stated)
        try:
            results = as_several(attempt(self.tracer, lambda: follow(following)))
        except DescriptionError as error:
            (first, *_) = error.diagnostics
            if not is_operator:
                raise
            # Of an operator that has no layer in the language the size may be known all the same.
            known = self._lengths(following.tensors, stated)
            if known is None:
                raise
            self.tracer.remark(first.message, self.tracer.caller.place)
            return [of_size(following, settled(self.tracer, following.a_tensor()), known, 0, moves=False)]
        following.remark_misspelled()
        return [one for one in results if one is not None]

    def _nested(
        self,
        layer: KerasLayer,
        tensors: Sequence[FollowedTensor],
        call: KerasCall | None,
        path: str,
        classes: tuple[str, ...],
    ) -> list[FollowedTensor] | None:
        """The outputs of a model that is a layer of another."""
        network = self._read.get(id(layer))
        if network is None:
            network = self._read[id(layer)] = self.reader.network(layer.value, layer.name)
            self.reader.problems.raise_any()
        read = positional(call) if call else []
        given = {one.key: tensor for one, tensor in zip(read, tensors, strict=False)}
        names = [one.layer for one in network.inputs]
        if names and given.keys() == set(names):
            # Called on an object of tensors by the names of its inputs.
            tensors = [given[name] for name in names]
        return self.network(network, tensors, path, classes)

    def _within(
        self,
        layer: KerasLayer,
        value: JsonValue,
        tensors: Sequence[FollowedTensor],
        path: str,
        classes: tuple[str, ...],
    ) -> list[FollowedTensor]:
        """The outputs of a layer that another holds, as if it stood in its place."""
        kind, config = value.members.get("class_name"), value.members.get("config", value)
        if kind is None or not isinstance(kind.held, str):
            raise self._stop("expected a layer, with class_name and config", value)
        module = value.members.get("module")
        inner = KerasLayer(layer.name, kind.held, str(module.held) if module else "", config, (), value, None)
        self._depth += 1
        if self._depth > _DEEPEST:
            raise self._stop(f"layers nest more than {_DEEPEST} deep", value)
        outer, _, name = path.rpartition(".")
        found = self._called(inner._replace(name=name), tensors, None, outer, classes[:-1], [None], {})
        self._depth -= 1
        if not found:
            raise DescriptionError(self.problems.found)
        return found

    def _unknown(
        self, following: LayerFollowing, stated: Sequence[tuple[int | None, ...] | None]
    ) -> list[FollowedTensor]:
        """The outputs of a layer that nobody knows, where the file states their sizes."""
        layer = following.layer
        if layer.class_name == "InputLayer":
            raise following.fail("an input stands among the layers of a sequence")
        code, function = layer.class_name in _CODE, function_name(layer)
        known = self._lengths(following.tensors, stated)
        lambda_ = layer.class_name == "Lambda"
        kinds = "operators" if _is_operator(layer) else "layers"
        why = "its code is not loaded" if lambda_ else f"it is none of Keras' {kinds} that are known"
        if function:
            why = f"tf.{cut(function, 60)} is none of TensorFlow's functions that are known"
        if known is None and lambda_ and self.trusted:
            known = self._lengths(following.tensors, [_said_output(layer)])
        if known is None:
            known_names = [] if code or _is_operator(layer) else [*LAYERS, *NETWORKS]
            hint = nearest(layer.class_name, known_names) or (
                "nothing behind it in the file states what it reads: let the model end before it, or write "
                "it with model.to_json() of Keras 2.15 or 3, which state sizes"
                if self.trusted
                else "sizes in the file are those of its own input: leave out --input"
            )
            raise following.fail(f"{why}, and its output's size is not stated", None, hint)
        following.remark(f"{why}; its size is what the layers behind it state")
        if not following.tensors:
            raise following.fail("it is called on no tensor")
        x = following.view()
        return [of_size(following, x, known, 0 if lambda_ else None, moves=False)]

    def _lengths(
        self, tensors: Sequence[FollowedTensor], stated: Sequence[tuple[int | None, ...] | None]
    ) -> list[int] | None:
        """The size of the first output as the file states it; a length that is open is the input's there."""
        first = next(iter(stated), None)
        if first is None or not first or not self.trusted or not tensors:
            return None
        before = tensors[0].lengths
        found = [before[0] if before else 1]
        for place, stated_size in enumerate(first[1:], 1):
            open_ = stated_size is None and len(before) == len(first)
            size = before[place] if open_ else stated_size
            if size is None or not 1 <= size <= 2**40:
                return None
            found.append(size)
        return found

    # Sizes that the file states

    def _compare(self, layer: KerasLayer, tensors: Sequence[FollowedTensor], call: KerasCall | None) -> None:
        """Say where the file states another size than its layers give, and not what follows from that."""
        if not self._compared:
            return
        claims: list[tuple[tuple[int | None, ...], FollowedTensor, JsonValue]] = []
        if call is not None:
            for one, tensor in zip(positional(call), tensors, strict=False):
                if one.lengths is not None:
                    claims.append((one.lengths, tensor, one.value.members["config"].members["shape"]))
        if layer.build is not None and (is_first_alone(call) if call is not None else len(tensors) == 1):
            entry = layer.build.members.get("input_shape")
            lengths = lengths_of(entry)
            if lengths is not None and entry is not None:
                claims.append((lengths, tensors[0], entry))
        for said, tensor, value in claims:
            sizes = tensor.lengths
            agree = len(said) == len(sizes) and all(
                one is None or one == size for one, size in zip(said[1:], sizes[1:], strict=True)
            )
            if not agree:
                shown = ", ".join("None" if one is None else str(one) for one in said)
                self.tracer.remark(
                    f"the file says that {layer.class_name} {quoted(layer.name)} reads ({cut(shown)}), "
                    f"its layers give {LayerFollowing.sizes(tensor)}",
                    value.position(self.source).span,
                )
                self._compared = False
                return


def _is_operator(layer: KerasLayer) -> bool:
    """Whether it is a function that is called on tensors, which has no weights."""
    return layer.class_name in ("TFOpLambda", "SlicingOpLambda") or "keras.src.ops" in layer.module


def _said_output(layer: KerasLayer) -> tuple[int | None, ...] | None:
    """The size that the config of a Lambda states for its output, examples first; None for none."""
    said = lengths_of(layer.config.members.get("output_shape"))
    return None if said is None else (None, *said)
