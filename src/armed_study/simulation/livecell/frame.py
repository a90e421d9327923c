"""One simulated frame: from names to pixels.

The cell's state at a frame and what surrounds it come from streams of the cell, the camera's noise
from one of the frame; the date gives its `Appearance` only. So the same cell at the same frame can be
rendered as it would have appeared on another date, by the same path.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from scipy import fft

from armed.errors import ConfigError
from armed_study.messages import suggestion
from armed_study.simulation.livecell.body import FIELD_UM, Body, draw_body, grid_of, phase
from armed_study.simulation.livecell.cells import FIELD, NOISE, stream, traits
from armed_study.simulation.livecell.dates import appearances
from armed_study.simulation.livecell.names import Cell, LivecellSettings, cells
from armed_study.simulation.livecell.optics import expose, gel, record, specks

MOST_SPECKS = 6


class Scene(NamedTuple):
    """A cell and what surrounds it; see `optics.gel` and `optics.specks`."""

    cell: Cell
    body: Body
    field: np.ndarray
    debris: np.ndarray


@lru_cache(maxsize=16)
def _scene(settings: LivecellSettings, seed: int, key: str) -> Scene:
    known = {cell.key: cell for cell in cells(settings, seed)}
    if key not in known:
        raise ConfigError(
            f"found no generated cell {key!r}{suggestion(key, known)}, expected one like "
            f"{next(iter(known))!r}; correct the name"
        )
    cell, grid = known[key], grid_of(settings.size)
    own: Any = traits(settings, seed).loc[cell.number]
    body = draw_body(seed, cell.number, own["extension"], own["scatter"], grid)
    rng = stream(seed, FIELD, cell.number)
    white = fft.rfft2(rng.standard_normal((grid, grid), dtype=np.float32))
    half = FIELD_UM / 2
    debris = rng.uniform([-half, -half, 0.4, 0.5], [half, half, 1.0, 1.6], (MOST_SPECKS, 4))
    return Scene(cell, body, white, debris)


@lru_cache(maxsize=32)
def _surroundings(settings: LivecellSettings, seed: int, key: str, date: str) -> np.ndarray:
    scene, appearance = _scene(settings, seed, key), appearances(seed)[date]
    return gel(scene.field, appearance) + specks(scene.debris, appearance, grid_of(settings.size))


def render(
    settings: LivecellSettings,
    seed: int,
    cell: str,
    frame: int,
    *,
    date: str | None = None,
    noise: bool = True,
) -> np.ndarray:
    """Return a frame of a cell as it appears on a date.

    Parameters
    ----------
    cell
        Its key, `P105/c0001`.
    frame
        From 0.
    date
        A date of the study; None: that on which the cell was imaged.
    noise
        Whether the camera adds noise and rounds.

    Returns
    -------
    (size, size) uint8; without noise float32, where 1 is white and brighter pixels are clipped.

    Raises
    ------
    ConfigError
        No such cell or date.
    """
    scene = _scene(settings, seed, cell)
    date, known = scene.cell.date if date is None else date, appearances(seed)
    if date not in known:
        raise ConfigError(
            f"found no generated date {date!r}{suggestion(date, known)}, expected one like "
            f"{next(iter(known))!r}; correct it"
        )
    path = phase(scene.body, frame, grid_of(settings.size))
    grey = expose(path + _surroundings(settings, seed, cell, date), known[date], settings.size)
    if not noise:
        return np.clip(grey, 0, 1)
    rng = stream(seed, NOISE, scene.cell.number, frame)
    return record(grey, rng.standard_normal(grey.shape, dtype=np.float32), known[date])
