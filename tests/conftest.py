"""Makes the modules beside this file importable from every test, draws examples, and finds PyTorch."""

import importlib.util
import os
import signal
import sys

import pytest
from hypothesis import HealthCheck, settings

# Much of what is generated here is refused on purpose, and a slow machine is no finding.  A run of CI
# draws the same examples every time, so that it judges the change and not the draw.
settings.register_profile(
    "steady",
    derandomize="CI" in os.environ,
    deadline=None,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow, HealthCheck.data_too_large],
)
settings.load_profile("steady")

# A shell that runs the tests in the background lets them ignore interrupts, and so every process they
# start: tests of interrupts need the answer that a terminal gives.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def torch_python() -> str:
    """The path of a Python that has PyTorch: this one (the extra `torch-tests`), or one that is named."""
    named = os.environ.get("RFCALC_TORCH_PYTHON", "")
    if named:
        return named
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch (the extra torch-tests) is not installed, and RFCALC_TORCH_PYTHON names none")
    return sys.executable


@pytest.fixture(scope="session")
def onnx_python() -> str:
    """The path of a Python that has onnx and onnxruntime: this one, or one that is named."""
    named = os.environ.get("RFCALC_ONNX_PYTHON", "")
    if named:
        return named
    if importlib.util.find_spec("onnxruntime") is None or importlib.util.find_spec("onnx") is None:
        pytest.skip("onnxruntime is not installed, and RFCALC_ONNX_PYTHON names no Python that has it")
    return sys.executable
