"""Run by a Python that has PyTorch: modules of exported sources, what they hold and what they compute.

Reads a list of requests as json: `source`, the path of a program; `inputs`, sizes of (C, axes); `units`, of
the first output, whose support in the first input is asked for; `values`, whether the output for the numbers
0, 1, 2 … is asked for; `train`, whether a step of training is taken; `numbers`, a file of inputs, weights and
outputs of an ONNX model, which the module is given and compared with.  Prints what was found of each.
"""

import json
import sys

import torch

EXAMPLES = 2


def network(path):
    scope = {"__name__": "exported"}
    with open(path, encoding="utf-8") as file:
        exec(compile(file.read(), path, "exec"), scope)
    classes = [each for each in scope.values() if isinstance(each, type) and each.__module__ == "exported"]
    return classes[-1]()


def counting(size):
    """The numbers 0, 1, 2 … in row order with the channels last."""
    *axes, channels = (*size[1:], size[0])
    count = channels
    for length in axes:
        count *= length
    return torch.arange(float(count)).reshape(1, *axes, channels).movedim(-1, 1)


def support(module, inputs, unit):
    """The positions of the first input that a unit sees: first, last, how many; all weights are positive."""
    x = inputs[0].clone().requires_grad_()
    output = module(x, *inputs[1:])
    output = output if isinstance(output, torch.Tensor) else output[0]
    gradient = torch.autograd.grad(output[(0, slice(None), *unit)].sum(), x)[0][0]
    seen = gradient.abs().sum(0).nonzero()
    return [seen.min(0).values.tolist(), seen.max(0).values.tolist(), len(seen)] if len(seen) else None


# The gates of a recurrent layer, by the places where ONNX has them.
GATES = {"lstm": [0, 2, 3, 1], "gru": [1, 0, 2], "rnn": [0]}


def recurrent(layer, leaf, numbers):
    """A weight of a recurrent layer, as `weight_ih_l0_reverse`, of those of ONNX."""
    kind, part, place, *back = leaf.split("_")
    prefix = f"{layer}.{place[1:]}" if f"{layer}.0.weight" in numbers else layer
    name = kind if kind == "bias" else {"ih": "weight", "hh": "recurrent_weight"}[part]
    found = numbers[f"{prefix}.{name}"][len(back)]
    order = GATES[layer.rstrip("0123456789")]
    if kind == "bias":
        units = len(order) * numbers[f"{prefix}.recurrent_weight"].shape[2]
        found = found[units:] if part == "hh" else found[:units]
    return found.reshape(len(order), -1, *found.shape[1:])[order]


def given_weight(key, own, numbers):
    """The weight of a module by its name, of those of ONNX."""
    layer, *parts, leaf = key.split(".")
    if leaf.endswith(("_l0", "_l1", "_l2", "_reverse")):
        return recurrent(layer, leaf, numbers)
    inner = [part for part in parts if not part.isdigit() and part != "convolution"]
    found = numbers[".".join((layer, *inner, leaf))]
    if inner and leaf == "weight":
        # The matrices of attention are on the right.
        return found.T
    if layer.startswith("localconv") and leaf == "bias":
        return found.transpose(-1, *range(found.ndim - 1))
    return found


def apart(module, numbers):
    """How far the outputs of a module are from those of an ONNX model with the same weights and inputs."""
    inputs = [torch.from_numpy(numbers[key]).float() for key in numbers if key.startswith("input ")]
    with torch.no_grad():
        for key, own in module.named_parameters():
            own.copy_(torch.from_numpy(given_weight(key, own, numbers).reshape(own.shape).copy()))
        outputs = module(*inputs)
    outputs = (outputs,) if isinstance(outputs, torch.Tensor) else outputs
    others = [torch.from_numpy(numbers[key]) for key in numbers if key.startswith("output ")]
    return [
        float((one.flatten().float() - two.flatten()).abs().max() / (1 + two.abs().max()))
        for one, two in zip(outputs, others, strict=True)
    ]


def run(request):
    torch.manual_seed(0)
    module = network(request["source"])
    inputs = [torch.rand(EXAMPLES, *size) for size in request["inputs"]]
    found = {"parameters": sum(each.numel() for each in module.parameters())}
    if request.get("train"):
        module.train()
        outputs = module(*inputs)
        outputs = (outputs,) if isinstance(outputs, torch.Tensor) else outputs
        sum(each.square().mean() for each in outputs).backward()
        found["trained"] = sum(each.grad is not None for each in module.parameters())
        found["tensors"] = len(list(module.parameters()))
    module.eval()
    with torch.no_grad():
        outputs = module(*inputs)
    outputs = (outputs,) if isinstance(outputs, torch.Tensor) else outputs
    found["sizes"] = [list(each.shape[1:]) for each in outputs]
    found["examples"] = [len(each) for each in outputs]
    found["finite"] = all(bool(each.isfinite().all()) for each in outputs)
    if request.get("values"):
        with torch.no_grad():
            output = module(*map(counting, request["inputs"]))
        found["values"] = output[0].movedim(0, -1).flatten().tolist()
    if request.get("numbers"):
        import numpy

        found["apart"] = apart(module, dict(numpy.load(request["numbers"])))
    if request.get("units"):
        with torch.no_grad():
            for each in module.parameters():
                each.copy_(each.abs() + 0.01)
        found["supports"] = [support(module, inputs, unit) for unit in request["units"]]
    return found


def main():
    # The maps are small: threads would cost more than they bring.
    torch.set_num_threads(1)
    print(json.dumps([run(request) for request in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
