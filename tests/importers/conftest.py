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
        pytest.skip(
            "PyTorch is not installed (the extra torch-tests), and RFCALC_TORCH_PYTHON names no Python with it"
        )
    return sys.executable
