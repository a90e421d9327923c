"""Finding figures and drawing them: a file in a family that defines ``FIGURE`` is one.

`FIGURE` is a literal, which the workflow reads without importing the file:

label
    Name of the figure in the report.
title, nothing
    What stands in its heading after the study's title, and what is said where the table has no rows.
reads
    Files that it is made of, each with whose it is: see `armed_study.config.figures`. ``draw``, and ``table``
    where the figure has one, are given those that their arguments name.
section, kinds, needs, settings, caption
    See there.
"""

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any

import pandas as pd
from matplotlib.figure import Figure

from armed import discovery
from armed.errors import ConfigError
from armed_study.figures.heading import Heading, columns_of


def available() -> list[str]:
    """Names of the figures found next to this file."""
    return list(discovery.discover(__package__, "FIGURE", families=True))


def load(name: str) -> ModuleType:
    """Import the module of a figure; `ConfigError` lists those there are."""
    found = discovery.discover(__package__, "FIGURE", families=True)
    if name not in found:
        raise ConfigError(
            f"unknown figure '{name}'; there are: {', '.join(found)}; correct the name"
        )
    return import_module(f"{__package__}.{found[name].parent.name}.{name}")


def make(name: str, given: Mapping[str, Any], heading: Heading) -> tuple[pd.DataFrame, Figure]:
    """Take a figure's table from what it reads, and draw it.

    Parameters
    ----------
    name
        Name of the figure.
    given
        Tables, arrays of images and settings by name. The figure's table is what its function ``table``
        makes of them or, where it has none, the first file that it reads.

    Returns
    -------
    The figure's columns of its table, and the drawing.
    """
    module = load(name)
    plain = {key: _plain(value) for key, value in given.items()}
    own = plain[next(iter(module.FIGURE["reads"])).partition(".")[0]]
    table = _call(module.table, plain) if hasattr(module, "table") else own
    figure = _call(module.draw, {"table": table, "heading": heading, **plain})
    return table[columns_of(module.FIGURE, getattr(module, "COLUMNS", ()))], figure


def _call(function: Callable[..., Any], given: Mapping[str, Any]) -> Any:
    """Call a function with those of the given values that it names."""
    return function(**{name: given[name] for name in inspect.signature(function).parameters})


def _plain(value: Any) -> Any:
    """Return a table whose text is text, not categories: what is drawn is what a CSV would hold."""
    if not isinstance(value, pd.DataFrame):
        return value
    coded = value.select_dtypes("category").columns
    return value.astype(dict.fromkeys(coded, object))
