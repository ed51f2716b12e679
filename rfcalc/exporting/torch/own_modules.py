"""Modules that PyTorch has not: the source of each, which stands in the head of a program that uses it."""

from __future__ import annotations

HELPERS = {
    "ChannelNorm": '''
class ChannelNorm(nn.LayerNorm):
    """Layer normalisation over the channels of each position."""

    def forward(self, x: Tensor) -> Tensor:
        return super().forward(x.movedim(1, -1)).movedim(-1, 1)
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
    "FixedConvolution": '''
class FixedConvolution(nn.Module):
    """A convolution whose kernels are not learned: here a mean; load others into the buffer."""

    def __init__(self, in_channels: int, out_channels: int, kernel_size: int | tuple[int, ...],
                 stride: int = 1, padding: int = 0, dilation: int = 1, groups: int = 1) -> None:
        super().__init__()
        convolution = nn.Conv2d(in_channels, out_channels, kernel_size, bias=False, groups=groups)
        weight = torch.ones_like(convolution.weight.detach())
        self.register_buffer("weight", weight / weight[0].numel())
        self.geometry = (stride, padding, dilation, groups)

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(x, self.weight, None, *self.geometry)
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
    """A tensor that is learned, the same for every example."""

    def __init__(self, size: tuple[int, ...]) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn(1, *size) * 0.02)

    def forward(self) -> Tensor:
        return self.weight
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
    "SelfAttention": '''
class SelfAttention(nn.Module):
    """Every position's mean of all positions, weighted by the likeness of queries and keys, by heads."""

    def __init__(self, channels: int, heads: int, inner_channels: int | None = None,
                 out_channels: int | None = None, bias: bool = True) -> None:
        super().__init__()
        inner = inner_channels or channels
        self.heads = heads
        self.query = nn.Linear(channels, inner, bias)
        self.key = nn.Linear(channels, inner, bias)
        self.value = nn.Linear(channels, inner, bias)
        self.output = nn.Linear(inner, out_channels or channels, bias)

    def forward(self, x: Tensor) -> Tensor:
        positions = x.flatten(2).mT
        query, key, value = (
            layer(positions).unflatten(-1, (self.heads, -1)).movedim(2, 1)
            for layer in (self.query, self.key, self.value)
        )
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.output(seen.movedim(1, 2).flatten(2)).mT.unflatten(-1, x.shape[2:])
''',
    "SoftmaxOver": '''
class SoftmaxOver(nn.Module):
    """Softmax over several axes at once: this one and all behind it."""

    def __init__(self, dim: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        return x.flatten(self.dim).softmax(-1).unflatten(-1, x.shape[self.dim :])
''',
    "MapProduct": '''
class MapProduct(nn.Module):
    """The channels of each position times a matrix: the other tensor, its positions by its channels."""

    def __init__(self, transposed: bool) -> None:
        super().__init__()
        self.transposed = transposed

    def forward(self, x: Tensor, other: Tensor) -> Tensor:
        matrix = other.flatten(2).mT if not self.transposed else other.flatten(2)
        product = x.flatten(2).mT @ matrix
        return product.mT.unflatten(-1, x.shape[2:])
''',
}
