"""What the tests of importers share: a Python that has PyTorch, where there is one."""

import importlib.util
import os
import sys

import pytest


@pytest.fixture(scope="session")
def torch_python() -> str:
    """The path of a Python that has PyTorch: this one (the extra `torch-tests`), or one that is named."""
    named = os.environ.get("RFCALC_TORCH_PYTHON", "")
    if named:
        return named
    if importlib.util.find_spec("torch") is None:
        pytest.skip("PyTorch (the extra torch-tests) is not installed, and RFCALC_TORCH_PYTHON names none")
    return sys.executable
