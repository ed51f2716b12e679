"""Run by a Python that has onnx and onnxruntime: what the checker and the runtime say of model files.

Reads a list of requests as json: `model`, the path of a file; `values`, whether its output for the numbers
0, 1, 2 … is asked for, for one example, else it is run for two; `kept`, a file for its inputs, outputs and
weights, all of which are drawn then.  Prints what was found of each.
"""

import json
import sys

import numpy as np
import onnx
import onnxruntime

EXAMPLES = 2


def size_of(info):
    """The stated size of a tensor, without that of the batch."""
    return [dimension.dim_value for dimension in info.type.tensor_type.shape.dim][1:]


def counting(size):
    """The numbers 0, 1, 2 … in row order with the channels last, as (1, C, axes)."""
    channels, *axes = size
    return np.moveaxis(np.arange(np.prod(size)).reshape(1, *axes, channels), -1, 1)


def redrawn(model):
    """The weights of a model, all of which are other numbers from now on: biases are not 0."""
    generator = np.random.default_rng(1)
    weights = {}
    for stored in model.graph.initializer:
        values = (0.3 * generator.standard_normal(tuple(stored.dims))).astype(np.float32)
        stored.CopyFrom(onnx.numpy_helper.from_array(values, stored.name))
        weights[stored.name] = values
    return weights


def run(request):
    model = onnx.load(request["model"])
    onnx.checker.check_model(model, full_check=True)
    weights = redrawn(model) if request.get("kept") else {}
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    source = model.SerializeToString() if weights else request["model"]
    session = onnxruntime.InferenceSession(source, options, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(0)
    given = {}
    for info in model.graph.input:
        size = size_of(info)
        whole = info.type.tensor_type.elem_type == onnx.TensorProto.INT64
        if request.get("values"):
            drawn = counting(size)
        elif whole:
            # The smallest table has two rows.
            drawn = generator.integers(0, 2, (EXAMPLES, *size))
        else:
            drawn = generator.standard_normal((EXAMPLES, *size))
        given[info.name] = drawn.astype(np.int64 if whole else np.float32)
    outputs = session.run(None, given)
    found = {
        "stated": [size_of(info) for info in model.graph.output],
        "sizes": [list(each.shape[1:]) for each in outputs],
        "examples": [len(each) for each in outputs],
        "finite": all(bool(np.isfinite(each).all()) for each in outputs),
        "spread": [float(each.std()) for each in outputs],
    }
    if request.get("values"):
        found["values"] = np.moveaxis(outputs[0][0], 0, -1).ravel().tolist()
    if request.get("kept"):
        numbered = {f"input {number}": each for number, each in enumerate(given.values())}
        numbered |= {f"output {number}": each for number, each in enumerate(outputs)}
        np.savez(request["kept"], **numbered, **weights)
    return found


def attempt(request):
    try:
        return run(request)
    except Exception as error:
        return {"error": f"{type(error).__name__}: {error}"}


def main():
    print(json.dumps([attempt(request) for request in json.load(sys.stdin)]))


if __name__ == "__main__":
    main()
