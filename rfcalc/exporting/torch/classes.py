"""Bodies become classes: those that are alike but for values are one, and the values are its parameters."""

from __future__ import annotations

from collections.abc import Hashable, Iterator

from rfcalc.exporting.torch.bodies import Bodies, ClassBody, MadeModule, ModuleRow
from rfcalc.exporting.torch.identifiers import FreeNames, class_name, identifier
from rfcalc.exporting.torch.own_modules import HELPERS
from rfcalc.exporting.torch.program import Class, Construction, HeldField, Literal, value_text
from rfcalc.graph.ir import Graph
from rfcalc.graph.layer_spans import span_tree
from rfcalc.records import NamedTuple

# A class with more parameters than these would say less than one for each set of values.
_MOST_PARAMETERS = 8
_CHANNELS = frozenset(
    # A depthwise convolution has as many groups as channels.
    {"in_channels", "out_channels", "num_features", "in_features", "out_features", "channels", "groups"}
    | {"num_channels", "input_size", "hidden_size"}
)
# What the arguments are called that stand by their places.
_PLACES = {
    **dict.fromkeys(
        ("Conv", "LocallyConnected"), ("in_channels", "out_channels", "places", "kernel", "stride")
    ),
    "Linear": ("in_features", "out_features"),
    **dict.fromkeys(("BatchNorm", "InstanceNorm"), ("num_features",)),
    "GroupNorm": ("num_groups", "num_channels"),
    **dict.fromkeys(("ChannelNorm", "SelfAttention", "CrossAttention", "WindowAttention"), ("channels",)),
    **dict.fromkeys(("GlobalResponseNorm", "Scale", "Offset", "PReLU"), ("channels",)),
    **dict.fromkeys(("LSTM", "GRU", "RNN"), ("input_size", "hidden_size")),
    **dict.fromkeys(("Dropout", "DropPath"), ("rate",)),
    **dict.fromkeys(("Reshape", "Learned", "LayerNorm"), ("size",)),
    **dict.fromkeys(("PixelShuffle", "PixelUnshuffle", "ChannelsToSpace", "SpaceToChannels"), ("factor",)),
    **dict.fromkeys(("AdaptiveAvgPool", "AdaptiveMaxPool"), ("output_size",)),
    "ChannelShuffle": ("groups",),
    "Embedding": ("num_embeddings", "embedding_dim"),
    "LocalResponseNorm": ("neighbours",),
    "ProductAttention": ("heads",),
    "MapProduct": ("transposed",),
    "Pad": ("amounts", "mode"),
    "MeanInside": ("pool", "amounts"),
    "SoftmaxOver": ("dims",),
    "NormOver": ("dims", "sizes"),
}


class HeldValue(NamedTuple):
    """A value that a constructor is given; holder: the attribute whose module it is; name: the argument."""

    holder: str
    name: str
    value: Literal


class _ClassKind:
    """Bodies of one class."""

    def __init__(self, bodies: list[ClassBody]) -> None:
        self.body = bodies[0]
        self.bodies = bodies
        self.name = ""
        # Of each place of the values the parameter it is; None where all bodies have the same value there.
        self.places: list[str | None] = []
        self.parameters: list[tuple[str, int]] = []


def program(graph: Graph) -> tuple[list[Class], list[str]]:
    """The classes of a network, that of the network last, and the helpers that they use."""
    body = Bodies(graph).body(span_tree(graph))
    return _Classes(body).written()


class _Classes:
    def __init__(self, top: ClassBody) -> None:
        self.top = top
        self.names = FreeNames(frozenset(HELPERS) | {"Tensor"})
        self.kinds: dict[Hashable, _ClassKind] = {}
        self.of_body: dict[int, _ClassKind] = {}
        self.used: set[str] = set()
        self.values: dict[int, list[HeldValue]] = {}

    def written(self) -> tuple[list[Class], list[str]]:
        levels: dict[int, list[ClassBody]] = {}
        self._levels(self.top, levels)
        top_name = self.names.free(class_name(self.top.wanted))
        order: list[_ClassKind] = []
        for height in sorted(levels):
            for kind in self._sorted_out(levels[height]):
                kind.name = (
                    top_name if kind.body is self.top else self.names.free(class_name(kind.body.wanted))
                )
                order.append(kind)
        classes = [self._class(kind) for kind in order]
        return classes, [name for name in HELPERS if name in self.used]

    def _levels(self, made: MadeModule, levels: dict[int, list[ClassBody]]) -> int:
        """How many classes stand within each other below; bodies by that."""
        if isinstance(made, Construction):
            return 0
        if isinstance(made, ModuleRow):
            return max((self._levels(each, levels) for each in made.elements), default=0)
        height = 1 + max((self._levels(held.made, levels) for held in made.held), default=0)
        levels.setdefault(height, []).append(made)
        return height

    def _sorted_out(self, bodies: list[ClassBody]) -> list[_ClassKind]:
        """The classes of bodies whose inner ones have theirs."""
        alike: dict[Hashable, list[ClassBody]] = {}
        for body in bodies:
            self.values[id(body)] = [
                value._replace(holder=held.attribute)
                for held in body.held
                for value in self._values(held.made)
            ]
            key = (
                tuple((held.attribute, self._shape(held.made)) for held in body.held),
                body.operands,
                tuple((one.targets, one.expression) for one in body.statements),
                body.returns,
            )
            alike.setdefault(key, []).append(body)
        kinds: list[_ClassKind] = []
        for group in alike.values():
            parts = [group]
            kind = self._kind(group)
            if len(kind.parameters) > _MOST_PARAMETERS:
                same: dict[Hashable, list[ClassBody]] = {}
                for body in group:
                    same.setdefault(tuple(map(_exact, self.values[id(body)])), []).append(body)
                parts = list(same.values())
            for part in parts:
                kind = self._kind(part)
                kinds.append(kind)
                for body in part:
                    self.of_body[id(body)] = kind
        return kinds

    def _kind(self, group: list[ClassBody]) -> _ClassKind:
        """The class of some bodies, with its parameters."""
        kind = _ClassKind(group)
        rows = [self.values[id(body)] for body in group]
        names = FreeNames(frozenset({"self"}))
        found: dict[Hashable, str] = {}
        taken: set[str] = set()
        for place, first in enumerate(rows[0]):
            column = tuple(_exact(row[place]) for row in rows)
            if len(set(column)) == 1:
                kind.places.append(None)
                continue
            meaning = (
                "channels" if first.name in _CHANNELS or first.name.endswith("_channels") else first.name
            )
            key = meaning, column
            if key not in found:
                wanted = "channels" if first.name in ("num_features", "num_channels") else first.name
                name = wanted if wanted not in taken else f"{first.holder}_{wanted}"
                found[key] = names.free(identifier(name, "value"))
                taken.add(found[key])
                kind.parameters.append((found[key], place))
            kind.places.append(found[key])
        return kind

    def _values(self, made: MadeModule) -> Iterator[HeldValue]:
        """The values that a module is given, in order."""
        if isinstance(made, Construction):
            stem = made.callee.removeprefix("nn.")
            places = next((names for head, names in _PLACES.items() if stem.startswith(head)), ())
            for number, argument in enumerate(made.arguments):
                if isinstance(argument.value, Construction):
                    yield from self._values(argument.value)
                    continue
                name = argument.name or (places[number] if number < len(places) else "value")
                yield HeldValue("", name, argument.value)
        elif isinstance(made, ModuleRow):
            for element in made.elements:
                yield from self._values(element)
        else:
            kind = self.of_body[id(made)]
            own = self.values[id(made)]
            for name, place in kind.parameters:
                yield HeldValue("", name, own[place].value)

    def _shape(self, made: MadeModule) -> Hashable:
        """What a module is but for the values it is given."""
        if isinstance(made, Construction):
            return made.callee, tuple(
                (
                    argument.name,
                    self._shape(argument.value) if isinstance(argument.value, Construction) else None,
                )
                for argument in made.arguments
            )
        if isinstance(made, ModuleRow):
            return tuple(map(self._shape, made.elements))
        return id(self.of_body[id(made)])

    def _class(self, kind: _ClassKind) -> Class:
        body = kind.body
        values = self.values[id(body)]
        texts = [
            value_text(value.value) if place is None else place
            for value, place in zip(values, kind.places, strict=True)
        ]
        left = iter(texts)
        fields = tuple(HeldField(held.attribute, tuple(self._text(held.made, left))) for held in body.held)
        parameters = tuple((name, self._annotation(kind, place)) for name, place in kind.parameters)
        return Class(
            kind.name, self._about(kind), parameters, fields, body.operands, body.statements, body.returns
        )

    def _about(self, kind: _ClassKind) -> str:
        """Where a class is used, and at what size; sizes of a class of several are those of the first."""
        body, others = kind.body, len(kind.bodies) - 1
        where = body.part.path or body.wanted
        return f"{where}{f' and {others} more, here' * bool(others)}: {body.comment}"

    def _annotation(self, kind: _ClassKind, place: int) -> str:
        values = (self.values[id(body)][place].value for body in kind.bodies)
        found = {"tuple[int, ...]" if isinstance(value, tuple) else type(value).__name__ for value in values}
        return " | ".join(sorted(found))

    def _text(self, made: MadeModule, left: Iterator[str]) -> list[str]:
        """The lines that make a module; left: the texts of the values, those that are used taken."""
        if isinstance(made, Construction):
            self.used.add(made.callee)
            arguments = []
            for argument in made.arguments:
                inner = argument.value
                text = self._text(inner, left)[0] if isinstance(inner, Construction) else next(left)
                arguments.append(f"{argument.name}={text}" if argument.name else text)
            return [f"{made.callee}({', '.join(arguments)})"]
        if isinstance(made, ClassBody):
            kind = self.of_body[id(made)]
            return [f"{kind.name}({', '.join(next(left) for _ in kind.parameters)})"]
        if len(made.elements) == 1:
            return self._text(made.elements[0], left)
        lines: list[str] = []
        previous: list[str] = []
        count = 0
        for element in [*(self._text(each, left) for each in made.elements), []]:
            if element == previous:
                count += 1
                continue
            if count > 1 and len(previous) == 1:
                lines.append(f"    *({previous[0]} for _ in range({count})),")
            elif count > 1:
                repeated = (f"        {line}" for line in previous)
                lines += ["    *(", *repeated, f"        for _ in range({count})", "    ),"]
            elif count:
                lines += [f"    {line}" for line in previous[:-1]] + [f"    {previous[-1]},"]
            previous, count = element, 1
        return ["nn.Sequential(", *lines, ")"]


def _exact(value: HeldValue) -> tuple[str, Literal]:
    # True is equal to 1.
    return type(value.value).__name__, value.value
