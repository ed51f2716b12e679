"""Arguments: those of a line become the attributes of an operator, or the parameters of a block."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfcalc.errors import Related, nearest, quoted
from rfcalc.graph.findings import Poisoned
from rfcalc.graph.scope import BROKEN, Scope, Tensors
from rfcalc.graph.values import Values
from rfcalc.ops.attributes import NO, YES, SizeReference, Value
from rfcalc.ops.operator import Operator
from rfcalc.records import NamedTuple
from rfcalc.spec.syntax import Argument, Block, Formula, Line, Reference
from rfcalc.spec.trees import Name, within


class _LineAttributes(NamedTuple):
    """The attributes of a line by full name.

    fixed: the values of those that are the same wherever the line is built; varying: the others as written.
    sound: nothing but these was given, and all that are fixed could be read.
    """

    fixed: Mapping[str, Value]
    varying: Mapping[str, Formula | Reference]
    sound: bool


class ArgumentReader:
    """Reads arguments, noting mistakes.  `reference` finds the layer whose size an attribute follows."""

    def __init__(self, values: Values, reference: Callable[[Reference, Scope], SizeReference]) -> None:
        self.values = values
        self.reference = reference
        self.fail = values.fail
        # By the operator and the arguments of a line, of which there is one record however often it is built:
        # what they are wherever the line stands.
        self._of_lines: dict[tuple[str, int], _LineAttributes] = {}

    def attributes(
        self, item: Line, operator: Operator, scope: Scope, current: Tensors
    ) -> tuple[Mapping[str, Value], bool]:
        """The attributes of a line by full name, and whether all could be read."""
        key = operator.name, id(item.arguments)
        line = self._of_lines.get(key)
        if line is None:
            given = {full: argument.value for full, argument in self.named(item, operator).items()}
            fixed = {full: written for full, written in given.items() if _is_fixed(operator, full, written)}
            values, sound = self._read(operator, fixed, scope, current)
            sound = sound and len(given) == len(item.arguments)
            varying = {full: written for full, written in given.items() if full not in fixed}
            line = self._of_lines[key] = _LineAttributes(values, varying, sound)
        if not line.varying:
            return line.fixed, line.sound
        values, sound = self._read(operator, line.varying, scope, current)
        return {**line.fixed, **values}, sound and line.sound

    def _read(
        self, operator: Operator, given: Mapping[str, Formula | Reference], scope: Scope, current: Tensors
    ) -> tuple[dict[str, Value], bool]:
        """The values of attributes, and whether all could be read."""
        values: dict[str, Value] = {}
        for full, written in given.items():
            try:
                values[full] = self._attribute(operator, full, written, scope, current)
            except Poisoned:
                continue
        return values, len(values) == len(given)

    def named(self, item: Line, operator: Operator) -> dict[str, Argument]:
        """The arguments of a line by the full name of the attribute, without those that are noted as none."""
        given: dict[str, Argument] = {}
        for argument in item.arguments:
            full = operator.spellings.get(argument.name)
            if full is None or full in given:
                self._bad_key(item, operator, argument, given.get(full or ""))
            else:
                given[full] = argument
        return given

    def _bad_key(self, item: Line, operator: Operator, argument: Argument, earlier: Argument | None) -> None:
        """Note that an operator has no such attribute, or that it is given already."""
        name, place = argument.name, argument.name_position
        if earlier is not None:
            first = Related("the first one stands here", earlier.name_position)
            full = operator.spellings[name]
            self.fail(f"{full} is given twice, by two spellings", place, "", (first,))
            return
        letters = {full: letter for letter, full in operator.spellings.items() if letter != full}
        known = ", ".join(
            f"{letters[full]} ({full})" if full in letters else full for full in operator.attributes
        )
        message = f"{item.op} has no attribute {quoted(name)}; it has {known or 'none'}"
        from rfcalc.ops.foreign import OF_THE_INPUT, OF_TRAINING, our_attribute

        foreign = our_attribute(name)
        hint = f"did you mean {foreign!r}?" if foreign != name and foreign in operator.attributes else ""
        if name.casefold() in ("name", "id", "label"):
            hint = f"a layer is named with as: as {argument.text.partition('=')[2]}"
        elif name.casefold() in OF_THE_INPUT:
            hint = "the input's channels are known; leave it out"
        elif name.casefold() in OF_TRAINING:
            hint = "it changes no size and no count; leave it out"
        self.fail(message, place, hint or nearest(name, operator.spellings))

    def _attribute(
        self, operator: Operator, name: str, written: Formula | Reference, scope: Scope, current: Tensors
    ) -> Value:
        """The value of an attribute; the words it accepts come before names."""
        if isinstance(written, Reference):
            return self.reference(written, scope)
        kind = operator.attributes[name].kind
        word = written.word
        if word is not None and (word in kind.words or (kind.any_word and scope.lookup(word) is None)):
            return word
        if word is not None and kind.words and not self.values.knows(word, scope):
            # A misspelt word is compared with the words, not with names.
            truth = {"yes": YES, "no": NO}
            said = next((ours for ours, words in truth.items() if word.casefold() in words), "")
            hint = f"did you mean {said!r}?" if said in kind.words else nearest(word, sorted(kind.words))
            raise self.fail(f"{name}: expected {kind.expects}, got {word}", written.position, hint)
        return self.values.value(written, scope, current)

    def fits(self, item: Line, block: Block) -> bool:
        """Whether a block has parameters of the names of a line's arguments; notes which it has not."""
        known = [parameter.name for parameter in block.parameters]
        wrong = [argument for argument in item.arguments if argument.name not in known]
        for argument in wrong:
            message = (
                f"{block.name} has no parameter {quoted(argument.name)}; it has {', '.join(known) or 'none'}"
            )
            hint = nearest(argument.name, known)
            self.fail(message, argument.name_position, hint, (_definition(block),))
        return not wrong

    def bind(self, block: Block, item: Line, inner: Scope, scope: Scope, entering: Tensors) -> None:
        """Give a block's parameters their values: the arguments, then the defaults, in order."""
        given = {argument.name: argument for argument in item.arguments}
        defined = _definition(block)
        sound = self.fits(item, block)
        for parameter in block.parameters:
            passed = given.get(parameter.name)
            argument = passed.value if passed and isinstance(passed.value, Formula) else None
            if not self.values.is_free(parameter.name, parameter.position, inner):
                sound = False
                continue
            try:
                if argument is not None:
                    value = self.values.value(argument, scope, entering)
                elif parameter.default is not None:
                    value = self.values.value(parameter.default, inner, entering)
                else:
                    message = f"{block.name} needs {parameter.name}=…"
                    raise self.fail(message, item.op_position, "", (defined,))
            except Poisoned:
                sound = False
                value = BROKEN
            written = argument or parameter.default
            inner.bind(parameter.name, value, parameter.position, written, own=argument is None)
        if not sound:
            raise Poisoned


def _is_fixed(operator: Operator, name: str, written: Formula | Reference) -> bool:
    """Whether an attribute is a word that it accepts, or names nothing but yes and no."""
    if isinstance(written, Reference):
        return False
    words = operator.attributes[name].kind.words
    names = {name.text for name in within(written.tree, Name)}
    return written.word in words or (names <= (YES | NO) and not (names and words))


def _definition(block: Block) -> Related:
    return Related(f"{quoted(block.name)} is defined here", block.position)
