"""Examples in docstrings of the library run and print what they say."""

import doctest
from importlib import import_module
from pathlib import Path

import pytest
import torch

import armed

SOURCE = Path(armed.__file__).parent
MODULES = sorted(
    ".".join(path.relative_to(SOURCE.parent).with_suffix("").parts)
    for path in SOURCE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("module", MODULES)
def test_examples_of_a_module_print_what_they_say(module):
    torch.manual_seed(0)
    found = doctest.testmod(import_module(module))
    assert found.attempted > 0
    assert found.failed == 0


def test_examples_are_found():
    assert {"armed.own.fit", "armed.own.loop", "armed.sklearn.classifier"} <= set(MODULES)
