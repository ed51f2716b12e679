"""Attention, which PyTorch has not for maps: the source of modules that stand in programs which use them."""

from __future__ import annotations

ATTENTION_MODULES = {
    "CrossAttention": '''
class CrossAttention(nn.Module):
    """Every position's mean of those of other tensors, weighted by the likeness of queries and keys."""

    def __init__(
        self,
        channels: int,
        heads: int,
        inner_channels: int | None = None,
        value_channels: int | None = None,
        out_channels: int | None = None,
        keys_from: int | None = None,
        values_from: int | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        inner, keys_from = inner_channels or channels, keys_from or channels
        values = value_channels or inner
        self.heads = heads
        self.query = nn.Linear(channels, inner, bias)
        self.key = nn.Linear(keys_from, inner, bias)
        self.value = nn.Linear(values_from or keys_from, values, bias)
        self.output = nn.Linear(values, out_channels or channels, bias)

    def forward(self, x: Tensor, keys: Tensor, values: Tensor | None = None) -> Tensor:
        values = keys if values is None else values
        query, key, value = (
            layer(each.flatten(2).mT).unflatten(-1, (self.heads, -1)).movedim(2, 1)
            for layer, each in ((self.query, x), (self.key, keys), (self.value, values))
        )
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.output(seen.movedim(1, 2).flatten(2)).mT.unflatten(-1, x.shape[2:])
''',
    "ProductAttention": '''
class ProductAttention(nn.Module):
    """Attention without projections: x asks, keys are compared with it, values are what is seen."""

    def __init__(self, heads: int) -> None:
        super().__init__()
        self.heads = heads

    def forward(self, x: Tensor, keys: Tensor | None = None, values: Tensor | None = None) -> Tensor:
        keys = x if keys is None else keys
        values = keys if values is None else values
        query, key, value = (
            each.flatten(2).mT.unflatten(-1, (self.heads, -1)).movedim(2, 1) for each in (x, keys, values)
        )
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        return seen.movedim(1, 2).flatten(2).mT.unflatten(-1, x.shape[2:])
''',
    "SelfAttention": '''
class SelfAttention(nn.Module):
    """Every position's mean of all positions, weighted by the likeness of queries and keys, by heads."""

    def __init__(
        self,
        channels: int,
        heads: int,
        inner_channels: int | None = None,
        value_channels: int | None = None,
        out_channels: int | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        inner = inner_channels or channels
        values = value_channels or inner
        self.heads = heads
        self.query = nn.Linear(channels, inner, bias)
        self.key = nn.Linear(channels, inner, bias)
        self.value = nn.Linear(channels, values, bias)
        self.output = nn.Linear(values, out_channels or channels, bias)

    def forward(self, x: Tensor) -> Tensor:
        positions = x.flatten(2).mT
        query, key, value = (
            layer(positions).unflatten(-1, (self.heads, -1)).movedim(2, 1)
            for layer in (self.query, self.key, self.value)
        )
        seen = nn.functional.scaled_dot_product_attention(query, key, value)
        return self.output(seen.movedim(1, 2).flatten(2)).mT.unflatten(-1, x.shape[2:])
''',
    "WindowAttention": '''
class WindowAttention(nn.Module):
    """Attention of each position to those of its window, with a learned bias for each distance if wanted.

    shift: how far the windows are moved; those at the borders are cut off.
    """

    def __init__(
        self,
        channels: int,
        heads: int,
        window: tuple[int, ...],
        shift: tuple[int, ...] | None = None,
        relative_bias: bool = False,
        inner_channels: int | None = None,
        value_channels: int | None = None,
        out_channels: int | None = None,
        bias: bool = True,
    ) -> None:
        super().__init__()
        inner = inner_channels or channels
        values = value_channels or inner
        self.heads, self.window, self.shift = heads, window, shift or (0,) * len(window)
        self.query = nn.Linear(channels, inner, bias)
        self.key = nn.Linear(channels, inner, bias)
        self.value = nn.Linear(channels, values, bias)
        self.output = nn.Linear(values, out_channels or channels, bias)
        self.relative_bias = None
        if relative_bias:
            distances = [2 * length - 1 for length in window]
            self.relative_bias = nn.Parameter(torch.randn(math.prod(distances), heads) * 0.02)
            places = torch.cartesian_prod(*map(torch.arange, window)).reshape(-1, len(window))
            steps = torch.tensor([math.prod(distances[axis + 1 :]) for axis in range(len(window))])
            apart = places[:, None] - places[None] + torch.tensor(window) - 1
            self.register_buffer("distance", (apart * steps).sum(-1), persistent=False)

    def windows(self, x: Tensor) -> Tensor:
        """(N, C, axes) as (N, windows, positions, C)."""
        axes = len(self.window)
        for axis, length in enumerate(self.window):
            x = x.unflatten(2 + 2 * axis, (-1, length))
        x = x.permute(0, *range(2, 2 + 2 * axes, 2), *range(3, 3 + 2 * axes, 2), 1)
        return x.flatten(1 + axes, 2 * axes).flatten(1, axes)

    def map(self, x: Tensor, size: torch.Size) -> Tensor:
        """(N, windows, positions, C) as (N, C, axes)."""
        axes = len(self.window)
        counts = [length // each for length, each in zip(size, self.window)]
        x = x.unflatten(2, self.window).unflatten(1, counts)
        x = x.permute(0, -1, *(place for axis in range(1, 1 + axes) for place in (axis, axis + axes)))
        for axis in range(2, 2 + axes):
            x = x.flatten(axis, axis + 1)
        return x

    def seen(self, x: Tensor) -> Tensor | None:
        """What is added to the products of each window: (windows, heads, positions, positions)."""
        added = None
        if self.relative_bias is not None:
            added = self.relative_bias[self.distance].movedim(-1, 0)[None]
        if any(self.shift):
            # Behind the roll, positions that came from the other end are of another window.
            parts = torch.zeros(1, 1, *x.shape[2:], device=x.device)
            for axis, (length, shift) in enumerate(zip(x.shape[2:], self.shift)):
                joined = (torch.arange(length, device=x.device) >= length - shift) * 2**axis
                parts = parts + joined.view(-1, *[1] * (len(self.shift) - axis - 1))
            parts = self.windows(parts)[0]
            apart = torch.where(parts == parts.mT, 0.0, -torch.inf)[:, None]
            added = apart if added is None else added + apart
        return added

    def forward(self, x: Tensor) -> Tensor:
        dims = tuple(range(2, x.dim()))
        x = x.roll([-shift for shift in self.shift], dims) if any(self.shift) else x
        positions = self.windows(x)
        query, key, value = (
            layer(positions).unflatten(-1, (self.heads, -1)).movedim(3, 2)
            for layer in (self.query, self.key, self.value)
        )
        mean = nn.functional.scaled_dot_product_attention(query, key, value, self.seen(x))
        x = self.map(self.output(mean.movedim(2, 3).flatten(3)), x.shape[2:])
        return x.roll(self.shift, dims) if any(self.shift) else x
''',
}
