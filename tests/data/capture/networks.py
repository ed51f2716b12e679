"""Networks of PyTorch for `tests/importers/test_capture.py`: what real code does that is hard to record."""

import sys

import torch
from torch import nn
from torch.nn import functional

print("printed when it is imported")


class Functional(nn.Module):
    """Functions in place of modules, a residual, and a number that is computed of sizes."""

    def __init__(self, width=8, bias=True, name="none"):
        super().__init__()
        print("printed when it is made", name)
        self.first = nn.Conv2d(3, width, 3, padding=1, bias=bias)
        self.second = nn.Conv2d(width, width, 3, padding=1, bias=bias)

    def forward(self, x):
        x = functional.relu(self.first(x))
        x = functional.max_pool2d(x, 2)
        y = self.second(x) + x
        y = torch.cat([y, x], 1)
        y = functional.interpolate(y, size=(x.shape[2] * 2, x.size(3) * 2))
        sys.stdout.write("printed when it runs\n")
        return y.view(y.shape[0], -1)


class InPlace(nn.Module):
    """Calls that write to their operand, and one that hands its operand back."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout()

    def forward(self, x):
        y = self.conv(x)
        self.relu(y)
        z = self.dropout(y)
        z += y
        z.mul_(2)
        z[:, 0] = 0
        mask = torch.zeros(1, 1, 4, 4)
        mask[..., :2] = 1
        return z * mask, y


class Shared(nn.Module):
    """One weight in two layers, and one layer that is called twice."""

    def __init__(self):
        super().__init__()
        self.parts = nn.ModuleList([nn.Linear(4, 4) for _ in range(3)])
        self.parts[1].weight = self.parts[0].weight

    def forward(self, x):
        for part in self.parts:
            x = part(x)
        return self.parts[2](x)


class Sequence(nn.Module):
    """Tokens, attention that is one call, a recurrent layer and its states."""

    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(10, 8)
        self.positions = nn.Parameter(torch.zeros(1, 5, 8))
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.recurrent = nn.LSTM(8, 4, batch_first=True)

    def forward(self, tokens):
        x = self.embedding(tokens) + self.positions
        x, _ = self.attention(x, x, x, need_weights=False)
        output, (hidden, _) = self.recurrent(x)
        return {"output": output, "states": [hidden]}


class Parts(nn.Module):
    """Chunks, splits, a tensor that is taken apart, slices, and constants of several kinds."""

    def __init__(self):
        super().__init__()
        self.register_buffer("table", torch.tensor([2, 0]))
        self.register_buffer("large", torch.arange(2000))
        self.chosen = torch.tensor([0, 1])
        self.scale = torch.tensor(0.5)

    def forward(self, x):
        first, second = x.chunk(2, dim=1)
        one, rest = torch.split(first, [1, 1], 1)
        left, right = second.unbind(1)
        picked = x[:, self.table][:, :, self.chosen, ..., ::2]
        count = int(self.table.sum())
        taken = sum(part.mean() for part in rest)
        return (
            one[..., count],
            left * self.scale,
            right.to(x.device).float(),
            picked,
            taken,
            x.T if x.dim() == 2 else x.mT,
        )


class Values(nn.Module):
    """Values that the code reads of a small tensor while it is made, and while it runs."""

    def __init__(self):
        super().__init__()
        widths = torch.linspace(4, 16, 4).round().int()
        self.layers = nn.Sequential(
            *(nn.Linear(4 if n == 0 else widths[n - 1].item(), widths[n].item()) for n in range(4))
        )
        self.large = nn.Linear(1000, 100000)
        self.register_buffer("steps", torch.tensor(2))

    def forward(self, x):
        for _ in range(self.steps.item()):
            x = x + 1
        return self.layers(x)


class Several(nn.Module):
    """Several inputs, one that may be left out."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.embedding = nn.Embedding(10, 4)

    def forward(self, image, tokens, bias=None):
        x = self.conv(image) + self.embedding(tokens).sum(1)[..., None, None]
        return x if bias is None else x + bias


class Failing(nn.Module):
    """Sizes that do not fit."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 1)
        self.linear = nn.Linear(5, 6)

    def forward(self, x):
        x = self.conv(x)
        return self.linear(x)  # this line


class Depending(nn.Module):
    """A branch that depends on the values of the input."""

    def forward(self, x):
        return x.sin() if x.sum() > 0 else x.cos()


def factory(kind="Functional", **settings):
    """A network by its name."""
    return globals()[kind](**settings)


made = Shared()
not_a_module = 5


def makes_none():
    """What is no module."""
    return {"net": made}
