"""Which readings lead to positions of one input, and which show the same everywhere, on any way through."""

from __future__ import annotations

from rfcalc.analysis.fields.axis_field import Effort, OutOfReachError
from rfcalc.analysis.fields.axis_state import COLLAPSED, GLOBAL, UNKNOWN, Reads, State, States
from rfcalc.analysis.fields.receptive_field import FieldAnalysis
from rfcalc.analysis.fields.views import carried


class GlobalPaths:
    """The global paths to one input of a network."""

    def __init__(self, fields: FieldAnalysis, source: int) -> None:
        self.graph = fields.graph
        self.fields = fields
        self.effort = Effort()
        # Global along an axis of another input, a path may be local along all of this one.
        self.slots = [number for number, slot in enumerate(fields.slots) if slot.source == source]

    def spreads(self, index: int, operand: int, told: bool, told_before: bool, reads: Reads) -> bool:
        """Whether nothing that is read of an operand is local: it is seen from several positions alike.

        told, told_before: whether channels of the node, and of the operand, are told apart; see Patch.
        """
        behind, before = self._states(index, told), self._states(operand, told_before)
        facts = self.graph.nodes[index].facts
        moved, axes = facts.rearranged is not None, self.graph.nodes[operand].facts.output.axes
        for slot in self.slots:
            old, new = before[slot], behind[slot]
            if old and old.remarks & UNKNOWN:
                raise OutOfReachError(old.reason)
            if not (old and new and new.remarks & GLOBAL):
                continue
            mine = new if moved else carried((old,), reads, axes, facts.output.axes, self.effort)[0]
            assert mine is not None
            if mine.field is None:
                if moved and old.field is not None:
                    raise OutOfReachError("channels of what has seen everything become positions")
                return True
            # Channels that become positions again may have been positions before.
            if mine.remarks & COLLAPSED and not new.remarks & COLLAPSED:
                return True
        return False

    def _states(self, node: int, told: bool) -> States:
        """What a node sees: its channels each, or all of them."""
        states = (self.fields.by_channel if told else self.fields.states)[node]
        if not states and self.slots:
            raise OutOfReachError("its channels do not all run along the same axes")
        return states

    def leads(self, operand: int, axis: int) -> bool:
        """Whether what a node sees of the input runs along one of its axes.

        All of an axis along which it goes on only inside of what others lead to is a window over the input.
        Raises OutOfReachError where that is not known.
        """
        unknown = ""
        for slot in self.slots:
            state = self.fields.states[operand][slot]
            if state is None:
                continue
            leading = _leading(state)
            if leading == axis:
                return True
            if leading is None and state.remarks & UNKNOWN:
                unknown = state.reason
        if unknown:
            raise OutOfReachError(unknown)
        return False


def _leading(state: State) -> int | None:
    """The axis of a layer along which what it sees runs on; None where there is none."""
    return max(state.digits, key=lambda digit: digit.step).axis if state.digits else state.axis
