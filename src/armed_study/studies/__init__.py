"""Kinds of study, one file each; a file put here is found, none is registered."""

import importlib
import pkgutil
from types import ModuleType

from armed.errors import ConfigError
from armed_study.messages import listing, suggestion


def available() -> tuple[str, ...]:
    """Return the kinds of study there are, sorted by name."""
    found = (module.name for module in pkgutil.iter_modules(__path__))
    return tuple(sorted(name for name in found if not name.startswith("_")))


def load(kind: str) -> ModuleType:
    """Import the module of a kind of study; `ConfigError` lists those there are."""
    if kind not in available():
        raise ConfigError(
            f"there is no kind of study '{kind}'{suggestion(kind, available())}, expected one of "
            f"{listing(available(), 99)}; correct `kind`, or add a file to armed_study/studies"
        )
    return importlib.import_module(f"{__name__}.{kind}")
