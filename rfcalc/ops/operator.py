"""An operator: one function that states its facts, and the schema its signature is.

The function takes the shapes of its operands and, as keyword-only parameters, its attributes; each
parameter's annotation is `Annotated[type, kind]`, so parsing, checking, documentation and the
book's table all read the one signature.  It returns `Facts` or raises `OperatorProblem`.
"""

from __future__ import annotations

from collections.abc import Callable, ItemsView, Iterator, Mapping
from typing import Literal, TypeAlias, TypeVar

from rfcalc.ops.attributes import Kind, Value
from rfcalc.ops.facts import Facts, OperatorProblem, undecided
from rfcalc.ops.formulas import Formulas
from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

FactsFunction = Callable[..., Facts]
_Tensor = TypeVar("_Tensor")

# What kind of layer an operator is, for those who judge a network.  What depends on sizes or attributes
# is no trait but a fact, and no trait is called like an operator: nobody asks for one by its name.
Trait: TypeAlias = Literal[
    "convolution",
    "transposed",
    "dense",
    "attending",
    "pooling",
    "normalisation",
    "centring",  # a normalisation that takes the mean of each channel away, and so every bias before it
    "activation",
    "nonnegative",  # an activation with no value below 0
    "rectifying",  # an activation that leaves what is not negative as it is
    "clipping",  # an activation that makes 0 of whatever is negative
    "dropping",  # sets single elements to zero at random in training
    "linear",  # a linear or affine map of its input at inference, of all its inputs together for a join
    "unchanged",  # at inference its output is its input
    "rearranging",  # the same elements, elsewhere
    "join",  # combines its operands element by element or side by side
    "product",  # a join that multiplies its operands
    "summing",  # a join that adds its operands
    "probabilities",  # a softmax, or a loss that takes one
    "loss",
]

# What is computed element by element of the operands, where that is arithmetic and nothing else.
ElementWise: TypeAlias = Literal["", "sum", "difference", "product", "quotient", "complement"]

_SOURCE = "Source:"
# The order of the book's parameter column; what has no letter here follows in that of the signature.
_BOOK_ORDER = ("f", "p", "s", "d")
# What a paragraph of a docstring begins with that stands on its own; the formulas come before it.
_HEADINGS = ("Other work:", _SOURCE)


class Attribute(NamedTuple):
    """One attribute of an operator; `required` when it has no default."""

    name: str
    kind: Kind
    required: bool
    default: object

    @property
    def spelling(self) -> str:
        """What it is called in a line: the book's letter where it is one of every keyboard, else its name."""
        return self.kind.letter if self.kind.letter and self.kind.letter.isascii() else self.name

    def default_like(self, value: object) -> object:
        """The default as the operator computes with it, for as many axes as a converted value."""
        return self.kind.default(self.default, len(value) if isinstance(value, tuple) else 1)

    def is_default(self, value: object) -> bool:
        """Whether a converted value is the default."""
        return not self.required and value == self.default_like(value)

    def tells(self, value: object) -> bool:
        """Whether a value tells a layer from others of its operator: it must be given, or is no default."""
        return self.required or self.kind.always or not self.is_default(value)


class Arguments(Mapping[str, object]):
    """The attributes of one layer by full name, each with the value that is in effect.

    written: those that are given, each with its converted value, a word such as `same` as itself.
    decided: those that the shapes or other attributes decide, with the value in effect.  One may be in
    both: `p=same` is written, and the shapes decide what it comes to.  What is in neither has its default.
    """

    __slots__ = ("_values", "decided", "written")

    def __init__(
        self,
        values: Mapping[str, object] = {},
        written: Mapping[str, object] = {},
        decided: Mapping[str, object] = {},
    ) -> None:
        self._values = {**values, **decided}
        self.written = written
        self.decided = decided

    def __getitem__(self, name: str) -> object:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def items(self) -> ItemsView[str, object]:
        """Every attribute with its value in effect."""
        # As Mapping has it, only faster: tables and data ask this of every layer.
        return self._values.items()

    def word(self, name: str) -> str | None:
        """The word that is written for an attribute, such as `same`; None where it is no word or left out."""
        value = self.written.get(name)
        return value if isinstance(value, str) else None


class Operator(NamedTuple):
    """One operator.

    label and chinese: its name in the book's table; printed: the text of its parameter cell when it
    has no attribute to print; operands: the fewest and most tensors it takes (None: any number).
    beside: whether one tensor that `from=` names stands beside the current one, instead of replacing it.
    attributes: in the order of the signature, which is that of a canonical line: f s p d r g, the others.
    spellings: every accepted name of an attribute, the book's letters included, to its full name.
    traits: what kind of layer it is.
    formulas: its sizes, parameters and multiply-accumulates; the one place where they can be read.
    arithmetic: what its output is of its operands, element by element; a complement is one minus the operand.
    """

    name: str
    function: FactsFunction
    formulas: Formulas
    attributes: Mapping[str, Attribute]
    spellings: Mapping[str, str]
    label: str
    chinese: str
    printed: str
    operands: tuple[int, int | None]
    traits: frozenset[Trait]
    beside: bool = False
    arithmetic: ElementWise = ""

    @property
    def documentation(self) -> tuple[str, ...]:
        """What the reference says, by paragraphs: summary, remarks, formulas, other work, source."""
        paragraphs: list[str] = []
        for line in (self.function.__doc__ or "").strip().splitlines():
            text = line.strip()
            if not paragraphs or not text or text.startswith(_HEADINGS):
                paragraphs.append(text)
            else:
                paragraphs[-1] = f"{paragraphs[-1]} {text}".strip()
        first = next(place for place, text in enumerate(paragraphs) if text.startswith(_HEADINGS))
        every = [*paragraphs[:first], *self.formulas.documentation(), *paragraphs[first:]]
        return tuple(filter(None, every))

    @property
    def source(self) -> str:
        """Where its mathematics comes from."""
        paragraph = next(text for text in self.documentation if text.startswith(_SOURCE))
        return paragraph.removeprefix(_SOURCE).strip()

    def taken(self, standing: tuple[_Tensor, ...], named: tuple[_Tensor, ...]) -> tuple[_Tensor, ...]:
        """What a line of it reads of the tensors that stand before it and those that `from=` names.

        Named ones are read in place of what stands before where they are all that is wanted, else behind it;
        how many may be read is not asked.
        """
        fewest, most = self.operands
        if not named:
            return () if most == 0 else standing
        exactly = self.beside or (most is None and fewest > 0)
        instead = len(named) == most if exactly else len(named) >= fewest
        return named if instead else (*standing, *named)

    def bind(self, values: Mapping[str, Value], rank: int) -> dict[str, object]:
        """All attributes, converted, defaults filled in, in the order of the signature.

        `values` is by full name and for an input of `rank` axes.  Raises OperatorProblem, which
        names the attribute, when one is missing or of the wrong kind.
        """
        bound: dict[str, object] = {}
        for name, attribute in self.attributes.items():
            if name in values:
                try:
                    bound[name] = attribute.kind.convert(values[name], rank)
                except OperatorProblem as problem:
                    raise OperatorProblem(f"{name}: {problem.message}", name) from None
            elif attribute.required:
                letter = attribute.kind.letter
                also = f" (or {letter}=…)" if letter and letter != name else ""
                raise OperatorProblem(f"{self.name} needs {name}=…{also}: {attribute.kind.about}")
            else:
                bound[name] = attribute.kind.default(attribute.default, rank)
        return bound

    def apply(self, values: Mapping[str, Value], inputs: tuple[Shape, ...]) -> tuple[Arguments, Facts]:
        """The arguments in effect and the facts of the operator on operands of these shapes.

        `values` is by full name, as for `bind`.  Raises OperatorProblem.
        """
        bound = self.bind(values, len(inputs[0].axes) if inputs else 0)
        facts = self.function(inputs, **bound)
        written = {name: value for name, value in bound.items() if name in values}
        return Arguments(bound, written, facts.decided), facts

    def undecided(self, arguments: Arguments) -> dict[str, object]:
        """The arguments with what was decided left open: applied to other shapes, they decide it anew."""
        left_open = {
            name: arguments.word(name) or self.attributes[name].default_like(value)
            for name, value in arguments.decided.items()
        }
        return {**arguments, **left_open}

    def parameter_text(self, arguments: Mapping[str, object]) -> str:
        """The book's parameter cell: `f = 3; p = 1; s = 1; d = 64`; "" when there is nothing to print."""

        def place(attribute: Attribute) -> int:
            letter = attribute.kind.letter
            return _BOOK_ORDER.index(letter) if letter in _BOOK_ORDER else len(_BOOK_ORDER)

        parts = []
        for attribute in sorted(self.attributes.values(), key=place):
            value = arguments.get(attribute.name)
            if value is not None and attribute.tells(value):
                parts.append(f"{attribute.kind.symbol or attribute.name} = {attribute.kind.printed(value)}")
        return "; ".join(parts) or self.printed


def operator(
    *,
    label: str,
    formulas: Formulas,
    chinese: str = "",
    printed: str = "",
    operands: tuple[int, int | None] = (1, 1),
    traits: tuple[Trait, ...] = (),
    beside: bool = False,
    arithmetic: ElementWise = "",
) -> Callable[[FactsFunction], Operator]:
    """Make an Operator of the function that states its facts; it is named like the function.

    A name that Python reserves or a module already uses ends in an underscore, which is dropped.
    """

    def define(function: FactsFunction) -> Operator:
        defaults: Mapping[str, object] = function.__kwdefaults__ or {}
        attributes = {}
        spellings = {}
        for name, annotation in function.__annotations__.items():
            # Only attributes carry a kind; the operands and the result do not.
            for kind in getattr(annotation, "__metadata__", ()):
                attributes[name] = Attribute(name, kind, name not in defaults, defaults.get(name))
                spellings[name] = name
                if kind.letter:
                    spellings[kind.letter] = name
        return Operator(
            name=function.__name__.rstrip("_"),
            function=undecided("")(function),
            formulas=formulas,
            attributes=attributes,
            spellings=spellings,
            label=label,
            chinese=chinese or label,
            printed=printed,
            operands=operands,
            traits=frozenset(traits),
            beside=beside,
            arithmetic=arithmetic,
        )

    return define
