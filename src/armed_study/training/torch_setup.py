"""How PyTorch is set up for training in a job of the workflow."""

import importlib
import sys
from collections.abc import Callable
from types import ModuleType
from typing import Any

import torch

from armed_study import job

_COMPILER = "torch._dynamo"


def set_up() -> None:
    """Train on one thread, which is fastest for small networks; in a job, without the compiler."""
    torch.set_num_threads(1)
    if job.in_job():
        spare_compiler()


def spare_compiler() -> None:
    """Let optimisers be made without importing PyTorch's compiler, in a process of our own.

    Nothing here is compiled. Yet making an optimiser imports the compiler, to tell it so, and that takes
    longer than training a small network: what optimisers ask of it is answered in its place.
    """
    if _COMPILER not in sys.modules:
        sys.modules[_COMPILER] = torch._dynamo = _Unneeded(_COMPILER)


class _Unneeded(ModuleType):
    """Stands in for the compiler until anything else is asked of it; then it is imported."""

    @staticmethod
    def graph_break(*_: Any) -> None:
        """Nothing is traced."""

    @staticmethod
    def disable(function: Callable[..., Any], *_: Any, **__: Any) -> Callable[..., Any]:
        """Return the function, which nothing compiles."""
        return function

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(_COMPILER) is self:
            del sys.modules[_COMPILER], torch._dynamo  # or the compiler would find this for itself
        compiler = importlib.import_module(_COMPILER)
        torch._dynamo = compiler
        return getattr(compiler, name)
