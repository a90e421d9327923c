"""Ways of training, one file each; a new file here is a new method, found by its name."""

from __future__ import annotations

import pkgutil
from importlib import import_module
from typing import TYPE_CHECKING

from armed.errors import ConfigError

if TYPE_CHECKING:
    from armed.methods.base import Method


def available() -> list[str]:
    """Names of the methods found beside this file."""
    return sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base")


def load(name: str) -> type[Method]:
    """Return the class of the method in ``armed/methods/<name>.py``.

    Raises
    ------
    ConfigError
        If there is no such file.
    """
    if name not in available():
        raise ConfigError(
            f"unknown method {name!r}; there are: {', '.join(available())}; correct the name"
        )
    module = import_module(f"armed.methods.{name}")
    base = import_module("armed.methods.base").Method
    return next(
        item
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, base) and item.__module__ == module.__name__
    )
