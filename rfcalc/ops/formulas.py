"""The formulas an operator states: its sizes, parameters and multiply-accumulates, as text that runs.

A formula is stated here once, with its operator, in the notation of `rfcalc.ops.formula_parser`, and
stays text until somebody asks.  From it come the reference's lines, the line with the numbers put in,
LaTeX, and a value, which a test holds to what the operator's function returns.

The names in a formula: n is a length of the input and o one of the output, along one axis; c are the
input's channels, a the number of axes, k the number of operands.  Every attribute goes by its letter or
its name; the padding p is p0 before and p1 after.  Π multiplies over the axes, Σ adds over the operands,
and a maximum of one thing is taken over the operands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rfcalc.records import NamedTuple
from rfcalc.shapes import Shape

# What a formula's own names stand for, from the operands and the converted attributes; a tuple is per axis.
Derive = Callable[[tuple[Shape, ...], Mapping[str, object]], Mapping[str, object]]


class Formulas(NamedTuple):
    """What an operator computes.

    length: along one axis of the output; "" when it has no axes.  channels: of the output.
    params: by the name of the learned tensor; a condition that fails means there is no such tensor.
    macs: of one example.
    where: names that the formulas use, each with its own formula, which may use those before it.
    derive: names that no formula can state.  meanings: what these names are, in English and Chinese.
    remarks: what else is to be said about "output", "params" or "macs", as a clause.
    """

    length: str
    channels: str
    params: Mapping[str, str] = {}
    macs: str = "0"
    where: Mapping[str, str] = {}
    derive: Derive | None = None
    meanings: Mapping[str, tuple[str, str]] = {}
    remarks: Mapping[str, str] = {}

    def documentation(self) -> tuple[str, ...]:
        """The lines of the reference that state them: output, parameters, MACs."""
        output = f"per axis {self.length}; {self.channels} channels"
        if not self.length:
            output = f"no axis; {self.channels} channels"
        elif (self.length, self.channels) == ("n", "c"):
            output = "as the input"
        params = "; ".join(f"{name} {formula}" for name, formula in self.params.items()) or "none"
        macs = "none" if self.macs == "0" else self.macs
        lines = [
            f"{heading}: {text}{self._remark(part)}."
            for heading, part, text in (
                ("Output", "output", output),
                ("Parameters", "params", params),
                ("MACs", "macs", macs),
            )
        ]
        names = [f"{name} = {formula}" for name, formula in self.where.items()]
        names += [name for name in self.meanings if name not in self.where]
        if names:
            lines.append(f"Where: {'; '.join(map(self._explained, names))}.")
        return tuple(lines)

    def _remark(self, part: str) -> str:
        remark = self.remarks.get(part, "")
        return f"; {remark}" if remark else ""

    def _explained(self, definition: str) -> str:
        name = definition.partition(" = ")[0]
        meaning = self.meanings.get(name, ("", ""))[0]
        return f"{definition}, {meaning}" if meaning else definition


# The size of the input, no parameters and no multiply-accumulates.
AS_INPUT = Formulas("n", "c")

# The names every operator may use, in English and Chinese.
STANDARD: Mapping[str, tuple[str, str]] = {
    "n": ("input length along the axis", "输入沿该轴的长度"),
    "o": ("output length along the axis", "输出沿该轴的长度"),
    "c": ("input channels", "输入通道数"),
    "a": ("number of spatial axes", "空间轴数"),
    "k": ("number of operands", "操作数的个数"),
}

# What an attribute is in a formula, shorter than its reference; by its letter, else its name.
ATTRIBUTES: Mapping[str, tuple[str, str]] = {
    "f": ("kernel size", "核大小"),
    "s": ("stride", "步长"),
    "p0": ("padding before", "前端填充"),
    "p1": ("padding after", "后端填充"),
    "r": ("dilation", "空洞率"),
    "d": ("output channels", "输出通道数（核数）"),
    "g": ("groups", "分组数"),
    "m": ("kernels for each channel", "每通道的核数"),
    "output_padding": ("positions added after the output", "输出末端补充的位置数"),
    "size": ("the given size", "指定的大小"),
    "scale": ("the factor of the size", "缩放因子"),
    "like": ("the size of the layer it follows", "所参照层的大小"),
    "factor": ("the factor along each axis", "每轴的倍数"),
    "window": ("window size", "窗口大小"),
    "key_channels": ("inner channels", "内部通道数"),
    "value_channels": ("inner channels of the value", "值的内部通道数"),
    "heads": ("number of heads", "注意力头数"),
    "layers": ("number of layers", "层数"),
    "biases": ("biases of each unit", "每个单元的偏置数"),
    "words": ("rows of the table", "词表行数"),
}


def meaning_of(formulas: Formulas, name: str, chinese: bool = False) -> str:
    """What a name in a formula stands for; "" when that is said nowhere."""
    for table in (formulas.meanings, STANDARD, ATTRIBUTES):
        if name in table:
            return table[name][chinese]
    return ""
