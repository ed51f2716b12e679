"""Run by a Python that has onnx and onnxruntime: what the checker and the runtime say of model files.

Reads a list of requests as json: `model`, the path of a file; `values`, whether its output for the numbers
0, 1, 2 … is asked for, for one example; else it is run for two.  Prints what was found of each.
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


def run(request):
    model = onnx.load(request["model"])
    onnx.checker.check_model(model, full_check=True)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(request["model"], options, providers=["CPUExecutionProvider"])
    generator = np.random.default_rng(0)
    given = {}
    for info in model.graph.input:
        size = size_of(info)
        whole = info.type.tensor_type.elem_type == onnx.TensorProto.INT64
        if request.get("values"):
            drawn = counting(size)
        elif whole:
            drawn = generator.integers(0, 5, (EXAMPLES, *size))
        else:
            drawn = generator.standard_normal((EXAMPLES, *size))
        given[info.name] = drawn.astype(np.int64 if whole else np.float32)
    outputs = session.run(None, given)
    found = {
        "stated": [size_of(info) for info in model.graph.output],
        "sizes": [list(each.shape[1:]) for each in outputs],
        "examples": [len(each) for each in outputs],
        "finite": all(bool(np.isfinite(each).all()) for each in outputs),
        "flat": all(bool((each == 0).all()) for each in outputs),
        "names": [info.name for info in model.graph.output],
        "producer": [model.producer_name, model.producer_version, model.graph.name],
    }
    if request.get("values"):
        found["values"] = np.moveaxis(outputs[0][0], 0, -1).ravel().tolist()
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
