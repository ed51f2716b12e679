"""Modules that PyTorch has not: the source of each, which stands in the head of a program that uses it."""

from __future__ import annotations

from rfcalc.exporting.torch.own_attention import ATTENTION_MODULES

HELPERS = {
    **ATTENTION_MODULES,
    "ChannelNorm": '''
class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
''',
    "ChannelsToSpace": '''
class ChannelsToSpace(nn.Module):
    """Pixel shuffle along any number of axes."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        axes = x.dim() - 2
        x = x.unflatten(1, (-1, *[self.factor] * axes))
        # Each factor behind its axis.
        x = x.permute(0, 1, *(place for axis in range(2, 2 + axes) for place in (axis + axes, axis)))
        for axis in range(2, 2 + axes):
            x = x.flatten(axis, axis + 1)
        return x
''',
    "DropPath": '''
class DropPath(nn.Module):
    """In training, leaves out the branch of some examples."""

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        kept = torch.rand(len(x), *[1] * (x.dim() - 1), device=x.device) >= self.rate
        return x * kept / (1 - self.rate)
''',
    "Fixed": '''
class Fixed(nn.Module):
    """A convolution whose kernels are not learned: here means; load others into the buffer."""

    def __init__(self, convolution: nn.Module) -> None:
        super().__init__()
        weight = torch.ones_like(convolution.weight.detach())
        del convolution.weight
        convolution.register_buffer("weight", weight / weight[0].numel())
        self.convolution = convolution

    def forward(self, x: Tensor) -> Tensor:
        return self.convolution(x)
''',
    "FoldedWindows": '''
class FoldedWindows(nn.Module):
    """Windows put back in their places in a padded image, of which the padding is cut off."""

    def __init__(
        self,
        padded: tuple[int, int],
        kernel: int | tuple[int, int],
        dilation: int | tuple[int, int],
        stride: int | tuple[int, int],
        amounts: tuple[int, ...],
        axes: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.fold = nn.Fold(padded, kernel, dilation, stride=stride)
        self.amounts, self.axes = amounts, axes

    def forward(self, x: Tensor) -> Tensor:
        image = nn.functional.pad(self.fold(x.flatten(2)), self.amounts)
        return image.flatten(2).unflatten(-1, self.axes)
''',
    "GlobalResponseNorm": '''
class GlobalResponseNorm(nn.Module):
    """Each channel times its norm over the map, relative to the mean norm."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1)
        norm = x.norm(p=2, dim=tuple(range(1, x.dim() - 1)), keepdim=True)
        relative = norm / (norm.mean(dim=-1, keepdim=True) + 1e-6)
        return (self.weight * (x * relative) + self.bias + x).movedim(-1, 1)
''',
    "Learned": '''
class Learned(nn.Module):
    """A tensor that is the same for every example, (1, C, axes); one that is not learned is a buffer."""

    def __init__(self, size: tuple[int, ...], learned: bool = True) -> None:
        super().__init__()
        weight = torch.randn(1, *size) * 0.02
        if learned:
            self.weight = nn.Parameter(weight)
        else:
            self.register_buffer("weight", weight)

    def forward(self) -> Tensor:
        return self.weight
''',
    "LocallyConnected": '''
class LocallyConnected(nn.Module):
    """A convolution with kernels of their own at every position; padding: the last axis first."""

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        places: tuple[int, ...],
        kernel: tuple[int, ...],
        stride: tuple[int, ...],
        dilation: tuple[int, ...] = (1, 1, 1),
        groups: int = 1,
        padding: tuple[int, ...] = (),
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.places, self.groups, self.padding = places, groups, padding
        self.geometry = list(zip(kernel, stride, dilation))
        read = in_channels // groups * math.prod(kernel)
        weight = torch.randn(math.prod(places), groups, out_channels // groups, read) / read**0.5
        self.weight = nn.Parameter(weight)
        self.bias = nn.Parameter(torch.zeros(out_channels, *places)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        x = nn.functional.pad(x, self.padding)
        for axis, (kernel, stride, dilation) in enumerate(self.geometry):
            x = x.unfold(2 + axis, dilation * (kernel - 1) + 1, stride)[..., ::dilation]
        axes = len(self.places)
        x = x.flatten(2, 1 + axes).unflatten(1, (self.groups, -1)).flatten(4)
        # Channels of a group (c) and taps of a window (t) are read together, at each place (p).
        x = torch.einsum("ngcpt,pgoct->ngop", x, self.weight.unflatten(-1, x.shape[2::2]))
        x = x.flatten(1, 2).unflatten(-1, self.places)
        return x if self.bias is None else x + self.bias
''',
    "MapProduct": '''
class MapProduct(nn.Module):
    """The channels of each position times a matrix: the other tensor, its positions by its channels.

    batch: how many leading axes both have in common, with a matrix for each position of these.
    """

    def __init__(self, transposed: bool, batch: int = 0) -> None:
        super().__init__()
        self.transposed = transposed
        self.batch = batch

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        # An axis of length 1 where there is no position to stand for.
        rows, matrix = (
            each.unsqueeze(-1).flatten(2 + self.batch).movedim(1, -1) for each in (x, other)
        )
        product = rows @ (matrix.mT if self.transposed else matrix)
        return product.movedim(-1, 1).reshape(len(product), -1, *x.shape[2:])
''',
    "MeanInside": '''
class MeanInside(nn.Module):
    """Average pooling behind padding, before and after, that does not count in the mean."""

    def __init__(self, pool: nn.Module, amounts: tuple[int, ...]) -> None:
        super().__init__()
        self.pool = pool
        self.amounts = amounts

    def forward(self, x: Tensor) -> Tensor:
        inside = nn.functional.pad(torch.ones_like(x[:1, :1]), self.amounts)
        return self.pool(nn.functional.pad(x, self.amounts)) / self.pool(inside)
''',
    "NormOver": '''
class NormOver(nn.LayerNorm):
    """Layer normalisation over some of the dimensions."""

    def __init__(self, dims: tuple[int, ...], sizes: tuple[int, ...], **options: bool) -> None:
        super().__init__(sizes, **options)
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        last = tuple(range(-len(self.dims), 0))
        return super().forward(x.movedim(self.dims, last)).movedim(last, self.dims)
''',
    "Offset": '''
class Offset(nn.Module):
    """A learned number for each channel that is added to it."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x: Tensor) -> Tensor:
        return x + self.bias.view(-1, *[1] * (x.dim() - 2))
''',
    "OneBias": '''
class OneBias(nn.Module):
    """A recurrent layer with one bias for each unit; PyTorch's second one is 0 and not learned."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        for name, bias in list(layer.named_parameters()):
            if name.startswith("bias_hh"):
                delattr(layer, name)
                layer.register_buffer(name, torch.zeros_like(bias))
                setattr(layer, name, getattr(layer, name))
        self.layer = layer

    def forward(self, x: Tensor) -> tuple[Tensor, object]:
        return self.layer(x)
''',
    "Pad": '''
class Pad(nn.Module):
    """Padding before and after, the last axis first; where an amount is negative, so much is cut off."""

    def __init__(self, amounts: tuple[int, ...], mode: str = "constant") -> None:
        super().__init__()
        self.amounts = amounts
        self.mode = mode

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.pad(x, self.amounts, self.mode)
''',
    "Rearranged": '''
class Rearranged(nn.Module):
    """The same elements in another order: taken apart, transposed and put together, channels last."""

    def __init__(self, split: tuple[int, ...], order: tuple[int, ...], size: tuple[int, ...]) -> None:
        super().__init__()
        self.split, self.order, self.size = split, order, size

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(1, -1).reshape(-1, *self.split).permute(0, *self.order)
        return x.reshape(-1, *self.size).movedim(-1, 1)
''',
    "Reshape": '''
class Reshape(nn.Module):
    """The same elements in another size, in row order with the channels last."""

    def __init__(self, size: tuple[int, ...]) -> None:
        super().__init__()
        self.size = size

    def forward(self, x: Tensor) -> Tensor:
        return x.movedim(1, -1).reshape(-1, *self.size).movedim(-1, 1)
''',
    "Scale": '''
class Scale(nn.Module):
    """A learned factor for each channel, or one for all."""

    def __init__(self, channels: int, bias: bool = False) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x: Tensor) -> Tensor:
        size = (1, -1) + (1,) * (x.dim() - 2)
        x = x * self.weight.view(size)
        return x if self.bias is None else x + self.bias.view(size)
''',
    "SoftmaxOver": '''
class SoftmaxOver(nn.Module):
    """Softmax over several dimensions at once."""

    def __init__(self, dims: tuple[int, ...]) -> None:
        super().__init__()
        self.dims = dims

    def forward(self, x: Tensor) -> Tensor:
        last = tuple(range(-len(self.dims), 0))
        x = x.movedim(self.dims, last)
        x = x.flatten(last[0]).softmax(-1).unflatten(-1, x.shape[last[0] :])
        return x.movedim(last, self.dims)
''',
    "SpaceToChannels": '''
class SpaceToChannels(nn.Module):
    """Pixel unshuffle along any number of axes."""

    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        axes = x.dim() - 2
        for axis in range(2, 2 + axes):
            x = x.unflatten(2 * axis - 2, (-1, self.factor))
        x = x.permute(0, 1, *range(3, 3 + 2 * axes, 2), *range(2, 2 + 2 * axes, 2))
        return x.flatten(1, 1 + axes)
''',
    "Windows": '''
class Windows(nn.Module):
    """The elements of each window side by side as channels."""

    def __init__(
        self,
        kernel: int | tuple[int, int],
        dilation: int | tuple[int, int],
        stride: int | tuple[int, int],
        amounts: tuple[int, ...],
        axes: tuple[int, ...],
    ) -> None:
        super().__init__()
        self.unfold = nn.Unfold(kernel, dilation, stride=stride)
        self.amounts, self.axes = amounts, axes

    def forward(self, x: Tensor) -> Tensor:
        image = x.unflatten(2, (*x.shape[2:], *[1] * (4 - x.dim()))) if x.dim() < 4 else x
        return self.unfold(nn.functional.pad(image, self.amounts)).unflatten(-1, self.axes)
''',
}
