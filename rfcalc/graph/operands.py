"""What an item reads: the tensors that stand before it, those it names, and the parts it cuts one into."""

from __future__ import annotations

from collections.abc import Callable

from rfcalc.errors import quoted
from rfcalc.graph.effort import BuildEffort
from rfcalc.graph.findings import Mistakes, Poisoned
from rfcalc.graph.layers import LayerMaker, Operand
from rfcalc.graph.names import LayerNames
from rfcalc.graph.scope import BROKEN, POISON, Scope, Tensors
from rfcalc.graph.values import Values, length_of
from rfcalc.ops.attributes import SizeReference, Value, format_value
from rfcalc.ops.operator import Operator
from rfcalc.shapes import Size
from rfcalc.spec.syntax import Formula, Join, Line, Reference, Split
from rfcalc.symbolic.polynomial import SymbolicError, sum_of


class OperandFinder:
    """Finds what items read, noting mistakes."""

    def __init__(
        self,
        maker: LayerMaker,
        names: LayerNames,
        findings: Mistakes,
        effort: BuildEffort,
        is_operation: Callable[[str], bool],
    ) -> None:
        self.maker = maker
        self.names = names
        self.fail = findings.fail
        self.effort = effort
        self.values = Values(findings, self.channels, effort, is_operation)

    def channels(self, tensors: Tensors) -> Value | None:
        """The channels of what stands somewhere; None where that is no one tensor."""
        if POISON in tensors:
            return BROKEN
        return self.maker.shape(tensors[0]).channels if len(tensors) == 1 else None

    def find(self, reference: Reference, scope: Scope, current: Tensors) -> list[int]:
        """The nodes a reference means, its expressions evaluated.  Raises Poisoned, the mistake noted."""
        if reference.pieces:
            texts = [
                piece if isinstance(piece, str) else self._number(piece, scope, current)
                for piece in reference.pieces
            ]
            reference = reference._replace(text="".join(texts))
        return self.names.find_all(reference, scope)

    def _number(self, written: Formula, scope: Scope, current: Tensors) -> str:
        """The text of an expression in a name, which is that of a turn or a tensor."""
        value = self.values.value(written, scope, current)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            message = f"turns and tensors are counted from 0; got {format_value(value)}"
            raise self.fail(message, written.position)
        return str(value)

    def single(self, reference: Reference, scope: Scope) -> int:
        """The one node that a reference means.  Raises Poisoned, the mistake noted."""
        found = self.find(reference, scope, ())
        if len(found) > 1:
            message = f"{quoted(reference.text)} is {len(found)} tensors; name one of them"
            raise self.fail(message, reference.position, f"{reference.text}.0 is the first")
        return found[0]

    def reference(self, reference: Reference, scope: Scope) -> SizeReference:
        """The layer whose size an attribute follows; raises Poisoned."""
        target = self.single(reference, scope)
        if target == POISON:
            raise Poisoned
        return SizeReference(self.maker.nodes[target].name, self.maker.shape(target))

    def of_line(
        self, item: Line, scope: Scope, current: Tensors, operator: Operator | None
    ) -> tuple[Operand, ...]:
        """What a line reads: what stands before it, and what `from=` names.

        Where `from=` names all that is wanted, what stands before is not among them; a block is entered by
        what it names, or by all that stands before, and so is a line that none may enter, or any number.
        """
        fewest, most = operator.operands if operator else (1, None)
        if not item.sources and len(current) == 1 and fewest == 1 and (most is not None or operator is None):
            # As nearly every line.
            return (Operand(current[0], "current"),)
        sources = tuple(self.named(item, scope, current))
        standing = tuple([Operand(node, "current") for node in current])
        operands = operator.taken(standing, sources) if operator else sources or standing
        if not operands and fewest == 0:
            return ()
        if not operands:
            raise self.fail("there are several inputs; say which one with from=NAME", item.op_position)
        fewest = 2 if fewest and operator and most is None else fewest
        few = len(operands) < fewest
        if few and POISON in current:
            # What is not known may be several.
            raise Poisoned
        if few or (most is not None and len(operands) > most):
            wanted = ("" if most == fewest else "at least ") + f"{fewest}" if few else f"at most {most}"
            message = f"{item.op} takes {wanted} tensors, not {len(operands)}"
            hint = "name others with from=NAME" if few else ""
            if most == 1 and len(sources) > 1:
                message = f"{item.op} takes one tensor, but from= names {len(sources)}"
                raise self.fail(message, item.sources[0].position)
            if most == 1:
                message, hint = (
                    f"{item.op} takes one tensor, but {len(current)} enter",
                    "say which with from=NAME",
                )
            raise self.fail(message, item.op_position, hint)
        return operands

    def named(self, item: Line | Join, scope: Scope, current: Tensors) -> list[Operand]:
        """What `from=` names; raises Poisoned, the mistake noted."""
        return [
            Operand(node, "from") for source in item.sources for node in self.find(source, scope, current)
        ]

    def sizes_of_parts(self, item: Split, scope: Scope, node: int) -> list[Size]:
        """The channels of each part of a split, which together are those of the tensor."""
        channels = self.maker.shape(node).channels
        if isinstance(item.parts, Formula):
            count = self._part_size(item.parts, scope, (node,))
            if not isinstance(count, int):
                raise self.fail(
                    f"a split is into a number of parts, not {format_value(count)}", item.position
                )
            try:
                share = channels // count
            except SymbolicError as error:
                raise self.fail(str(error), item.position) from None
            if share * count != channels:
                message = f"{format_value(channels)} channels do not divide into {count} equal parts"
                raise self.fail(message, item.parts.position)
            self.effort.charge("operands", count)
            return [share] * count
        sizes = [self._part_size(written, scope, (node,)) for written in item.parts]
        total = sum_of(sizes)
        if total != channels:
            written = " + ".join(map(format_value, sizes))
            message = f"the parts have {written or 'no'} channels, which is {format_value(total)}, but "
            raise self.fail(f"{message}{format_value(channels)} enter", item.position)
        return sizes

    def _part_size(self, written: Formula, scope: Scope, current: Tensors) -> Size:
        value = self.values.value(written, scope, current)
        try:
            return length_of(value)
        except ValueError:
            message = f"a part has a whole number of channels of at least 1; got {format_value(value)}"
            raise self.fail(message, written.position) from None
