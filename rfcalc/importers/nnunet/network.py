"""The network of an architecture, layer by layer, in the order in which it runs and under its own names."""

from __future__ import annotations

from collections.abc import Sequence

from rfcalc.errors import Related, listed, option, quoted
from rfcalc.importers.nnunet.architecture import Architecture, EncoderStage
from rfcalc.importers.nnunet.classes import UnitLayer
from rfcalc.importers.nnunet.fields import Fields
from rfcalc.importers.tracing.collector import StepCollector
from rfcalc.importers.tracing.modules import ModuleScope
from rfcalc.ops.attributes import PerAxis, Value
from rfcalc.shapes import Shape


class UNetBuilder:
    """Makes the steps of one network.

    size: of the input.  patch: where that is said; None where it was asked for.
    """

    def __init__(
        self,
        collector: StepCollector,
        fields: Fields,
        found: Architecture,
        size: Shape,
        patch: Related | None,
    ) -> None:
        self.collector = collector
        self.fields = fields
        self.found = found
        self.size = size
        self.patch = patch
        self.what = "the patch" if patch else option("input")

    def build(self, classes: int, deep_supervision: bool) -> list[int]:
        """The steps that leave the network, that of the finest resolution first.

        Raises DescriptionError where sizes do not fit, with all that is found.
        """
        skips = self._encoder(self.collector.entering(self.size))
        first = self.found.stages[0]
        if any(step != 1 for step in first.stride):
            self.collector.remark(
                f"stage 0 has a stride, so that the output is smaller than {self.what}",
                self.fields.place(first.stride_at),
            )
        self.fields.problems.raise_any()
        return self._decoder(skips, classes, deep_supervision)

    def _encoder(self, x: int) -> list[int]:
        """The outputs of the stages, that of the full resolution first."""
        found = self.found
        kind = "ResidualEncoder" if found.network.residual_encoder else "PlainConvEncoder"
        encoder = ModuleScope(self.collector).inner("encoder", kind)
        if found.network.residual_encoder:
            first = found.stages[0]
            stem = encoder.inner("stem", "StackedConvBlocks")
            x = self._stack(stem, x, first._replace(features=found.stem, stride=(1,) * found.axes, blocks=1))
        skips = []
        ill: set[int] = set()
        for number, stage in enumerate(found.stages):
            self._check_stride(number, stage, x, ill)
            path = encoder.inner(f"stages.{number}", "Sequential", "Sequential")
            if found.network.residual_encoder:
                residual = encoder.inner(f"stages.{number}", "Sequential", "StackedResidualBlocks")
                x = self._residual_stack(residual, x, stage)
            else:
                x = self._stack(path.inner("0", "StackedConvBlocks"), x, stage)
            skips.append(x)
        return skips

    def _check_stride(self, number: int, stage: EncoderStage, x: int, ill: set[int]) -> None:
        """Note along which axes a stage drops what the decoder has to give back; ill: those noted so far."""
        for axis, (length, step) in enumerate(zip(self.collector[x].shape.axes, stage.stride, strict=True)):
            if not isinstance(length, int) or length % step == 0 or number == 0 or axis in ill:
                continue
            ill.add(axis)
            at = stage.stride_at.items[axis] if stage.stride_at.items else stage.stride_at
            whole, total = int(str(self.size.axes[axis])), self._total(axis)
            below = whole // total * total
            near = listed([f"{one:,}" for one in (below, below + total) if one], conjunction=" or ")
            self.fields.add(
                f"the stride {step} of stage {number} does not divide {length}, its size along axis {axis}: "
                "what the decoder makes of it does not fit what it is joined with",
                at,
                f"along axis {axis} {self.what} has to be a multiple of {total}: not {whole:,}, but {near}",
                [self.patch] if self.patch else [],
            )

    def _total(self, axis: int) -> int:
        """The product of all strides along an axis."""
        total = 1
        for stage in self.found.stages:
            total *= stage.stride[axis]
        return total

    def _decoder(self, skips: list[int], classes: int, deep_supervision: bool) -> list[int]:
        found, stages = self.found, self.found.stages
        residual = found.network.residual_decoder
        decoder = ModuleScope(self.collector).inner(
            "decoder", "UNetResDecoder" if residual else "UNetDecoder"
        )
        outputs: list[int] = []
        idle: list[tuple[ModuleScope, int]] = []
        x = skips[-1]
        for number, (blocks, place) in enumerate(found.decoder):
            below, beside = stages[-1 - number], stages[-2 - number]
            up = decoder.inner(f"transpconvs.{number}", "ModuleList", f"ConvTranspose{found.axes}d")
            step = self.fields.place(below.stride_at)
            values = self._window(beside.features, below.stride, below.stride, found.bias)
            x = up.step("deconv", [x], values, step, decided=(("bias", found.bias_place),))
            skip = skips[-2 - number]
            if self.collector[x].shape.axes != self.collector[skip].shape.axes:
                sizes = [self.collector[one].shape for one in (x, skip)]
                even = [one for one in stages if not all(length % 2 for length in one.kernel)]
                self.fields.add(
                    f"decoder.stages.{number} joins {sizes[0]} from below and {sizes[1]} from the encoder",
                    below.stride_at,
                    related=[
                        self.fields.related("an even kernel leaves out a position", one.kernel_at)
                        for one in even[:1]
                    ],
                )
                self.fields.problems.raise_any()
            x = decoder.step("concat", [x, skip], {}, step)
            stage = beside._replace(stride=(1,) * found.axes, blocks=blocks, bottleneck=0, place=place)
            if residual:
                x = self._residual_stack(
                    decoder.inner(f"stages.{number}", "ModuleList", "StackedResidualBlocks"), x, stage
                )
            else:
                x = self._stack(
                    decoder.inner(f"stages.{number}", "ModuleList", "StackedConvBlocks"), x, stage
                )
            head = decoder.inner(f"seg_layers.{number}", "ModuleList", f"Conv{found.axes}d")
            if number == len(found.decoder) - 1:
                self._add_idle(idle)
            if deep_supervision or number == len(found.decoder) - 1:
                outputs.append(head.step("conv", [x], {"kernel": 1, "out_channels": classes}, found.place))
            else:
                idle.append((head, (beside.features + 1) * classes))
        return outputs[::-1]

    def _add_idle(self, idle: Sequence[tuple[ModuleScope, int]]) -> None:
        """Count the parameters of what does not run, by its modules."""
        for head, parameters in idle:
            # They are part of every network, so that weights fit with deep supervision and without.
            values: dict[str, Value] = {"size": PerAxis((parameters,)), "training": True}
            head.step("learned", [], values, self.found.place)
        if idle:
            total = sum(parameters for _, parameters in idle)
            name = quoted("decoder.seg_layers")
            self.collector.remark(
                f"{total:,} parameters of {name} are counted, which deep supervision alone uses; "
                f"{option('set', {'deep_supervision': 'yes'})} counts its work too",
                self.found.place,
            )

    def _stack(self, at: ModuleScope, x: int, stage: EncoderStage) -> int:
        """Convolutions one after another, of which the first has the stride."""
        for number in range(stage.blocks):
            unit = at.inner(f"convs.{number}", "Sequential", "ConvDropoutNormReLU")
            x = self._unit(unit, x, stage if number == 0 else stage._replace(stride=(1,) * self.found.axes))
        return x

    def _residual_stack(self, at: ModuleScope, x: int, stage: EncoderStage) -> int:
        kind = "BottleneckD" if stage.bottleneck else "BasicBlockD"
        for number in range(stage.blocks):
            block = at.inner(f"blocks.{number}", "Sequential", kind)
            x = self._residual(
                block, x, stage if number == 0 else stage._replace(stride=(1,) * self.found.axes)
            )
        return x

    def _residual(self, at: ModuleScope, x: int, stage: EncoderStage) -> int:
        """A residual block: what it adds is pooled and projected where the sizes differ."""
        ones = (1,) * self.found.axes
        point = stage._replace(kernel=ones, stride=ones)
        left = x
        parts = 0
        if stage.stride != ones:
            pool = at.inner("skip.0", "Sequential", f"AvgPool{self.found.axes}d")
            left = pool.step(
                "avgpool", [left], {"kernel": _each(stage.stride)}, self.fields.place(stage.stride_at)
            )
            parts = 1
        if self.collector[x].shape.channels != stage.features:
            unit = at.inner(f"skip.{parts}", "Sequential", "ConvDropoutNormReLU")
            left = self._unit(unit, left, point, bias=False, dropped=False, active=False)
        units = [at.inner(f"conv{number}", "ConvDropoutNormReLU") for number in (1, 2, 3)]
        if stage.bottleneck:
            narrow = stage._replace(features=stage.bottleneck)
            x = self._unit(units[0], x, point._replace(features=stage.bottleneck), dropped=False)
            x = self._unit(units[1], x, narrow)
            x = self._unit(units[2], x, point, dropped=False, active=False)
        else:
            x = self._unit(units[0], x, stage)
            x = self._unit(units[1], x, stage._replace(stride=ones), dropped=False, active=False)
        x = at.step("add", [x, left], {}, stage.place)
        last = "nonlin3" if stage.bottleneck else "nonlin2"
        return self._made(at, last, self.found.activation, x)

    def _unit(
        self,
        at: ModuleScope,
        x: int,
        stage: EncoderStage,
        *,
        bias: bool | None = None,
        dropped: bool = True,
        active: bool = True,
    ) -> int:
        """A convolution, and behind it dropout, a normalisation and an activation where there are such."""
        found = self.found
        conv = at.inner("conv", f"Conv{found.axes}d")
        values = self._window(
            stage.features, stage.kernel, stage.stride, found.bias if bias is None else bias
        )
        padding = tuple([(one - 1) // 2 for one in stage.kernel])
        if any(padding):
            values["padding"] = _each(padding)
        x = conv.step("conv", [x], values, stage.place, decided=(("bias", found.bias_place),))
        if dropped:
            x = self._made(at, "dropout", found.dropout, x)
        behind = [("norm", found.norm), ("nonlin", found.activation if active else None)]
        for name, made in reversed(behind) if found.activation_first else behind:
            x = self._made(at, name, made, x)
        return x

    def _made(self, at: ModuleScope, name: str, made: UnitLayer | None, x: int) -> int:
        return (
            x if made is None else at.inner(name, made.kind).step(made.operator, [x], made.values, made.place)
        )

    @staticmethod
    def _window(
        channels: int, kernel: tuple[int, ...], stride: tuple[int, ...], bias: bool
    ) -> dict[str, Value]:
        """Attributes of a convolution; those at their default are left out."""
        values: dict[str, Value] = {"kernel": _each(kernel), "out_channels": channels}
        if any(one != 1 for one in stride):
            values["stride"] = _each(stride)
        if not bias:
            values["bias"] = False
        return values


def _each(lengths: tuple[int, ...]) -> int | PerAxis:
    """A length for each axis, or the one that they all are."""
    return lengths[0] if len(set(lengths)) == 1 else PerAxis(lengths)
