"""Random effects of a trained network by the names that tables have for them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import numpy as np
from torch import Tensor

from armed.methods.base import Method
from armed.methods.mixed import MixedMethod

Effects = Mapping[str, tuple[np.ndarray, np.ndarray]]
"""Mean and s.d., each (K,), by name."""


def random_effects_of(
    method: Method, columns: Sequence[str], classes: Sequence[str], scale: float
) -> Iterator[tuple[str, Effects]]:
    """Give the effects of each factor, in units that are ``scale`` times those of the method.

    Slopes are numbered, or named by their column; where the outcome has classes, each has effects. Those of
    further factors bear its name. ``columns`` are those of the input, ``classes`` those of the outcome, if
    it has any.

    Yields
    ------
    Name of a further factor, empty of the first one, and its effects.
    """
    chosen = None if method.effects is None else method.effects.columns
    about = columns, classes or ("",), scale
    yield "", _named(method.random_effects(), chosen, *about)
    if isinstance(method, MixedMethod):
        for effects in method.estimated[1:]:
            found = _named(effects.posterior(), effects.columns, *about)
            yield str(effects.factor), {f"{k} | {effects.factor}": v for k, v in found.items()}


def _named(
    effects: Mapping[str, tuple[Tensor, Tensor]],
    chosen: Sequence[int] | None,
    columns: Sequence[str],
    classes: Sequence[str],
    scale: float,
) -> Effects:
    named = {}
    inputs = columns if chosen is None else [columns[j] for j in chosen]
    for label, (mean, sd) in effects.items():
        numbers = [*map(str, range(mean.shape[1] // len(classes)))]
        names = inputs if label == "linear_slope" and columns else numbers
        each = product([""] if label == "intercept" else names, classes)
        for j, parts in enumerate(each):
            name = ", ".join(filter(None, parts))
            own, spread = (part[:, j].cpu().numpy() * scale for part in (mean, sd))
            named[f"{label}[{name}]" if name else label] = own, spread
    return named
