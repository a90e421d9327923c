"""The body of a simulated cell, as an optical path, at any of its frames.

A cell is a rounded body on a gel, with blebs at its rim that swell and shrink, pseudopodia that
reach out and draw back, a nucleus, and granules that wander. Amoeboid melanoma cells are of this shape:
rounded or amorphous, blebbing, some 20 um across, in Zaritsky et al. (2021). Lengths are in um, times in
frames; half of the thickness is ::

    h(x, y)^2 = max(0, body, discs),   body = H^2 (1 - (r / R(angle))^2),   disc = f^2 (a^2 - d^2)

where blebs are single discs and a pseudopodium is a chain of them. The phase is ``KAPPA h``, with the
granules' own. How it changes is a sum of waves with the periods of `_WAVES`, so each frame can be had
without those before it, and one minute changes little.

The traits act here: pseudopodia are about ``LENGTH exp(0.45 e)`` long, and granules have a phase of about
``GRAIN exp(0.4 s)`` rad. By construction unlike real cells: there is one cell in a field; none
divides or dies; a cell does not go from one state to another.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy import fft

from armed_study.simulation.livecell.cells import BODY, stream

FIELD_UM = 83.2  # 256 pixels of 0.325 um, as published
FINEST_GRID = 128  # pixels at least, on which a frame is formed before it is brought to its size
KAPPA = 0.55  # rad of phase for 1 um of half thickness: index difference 0.024, 0.55 um light
RADIUS, LENGTH, GRAIN = 13.0, 7.0, 0.18
ANGLES = 256


@dataclass(frozen=True)
class Body:
    """What a cell is at all of its frames; angles in rad, lengths in um, waves as (period, phase).

    Parameters
    ----------
    rim
        (modes, 4): order of the wave round the rim, relative height, angle, turn per frame.
    height
        Half thickness in the middle.
    blebs
        (blebs, 6): angle, radius, period, phase, sharpness, distance from the centre over that of the rim.
    arms
        (arms, 7): angle, length, radius, period, phase, bend, swing.
    nucleus
        x, y, radius, phase.
    grains
        (2, grid, grid // 2 + 1) complex: spectra between which the granules wander.
    wander
        Angle in which they do so, per frame.
    """

    radius: float
    rim: np.ndarray
    height: float
    blebs: np.ndarray
    arms: np.ndarray
    nucleus: np.ndarray
    grains: np.ndarray
    wander: float


def grid_of(size: int) -> int:
    """Return the pixels of the grid on which a frame of a size is formed: a multiple of the size."""
    return max(size, FINEST_GRID)


def low_pass(grid: int, sd: float) -> np.ndarray:
    """Return the spectrum of a Gaussian of this s.d. in um, (grid, grid // 2 + 1)."""
    k = fft.fftfreq(grid, FIELD_UM / grid)[:, None] ** 2 + fft.rfftfreq(grid, FIELD_UM / grid) ** 2
    return np.exp(-k * (2 * np.pi * sd) ** 2 / 2)


@lru_cache(maxsize=4)
def _polar(grid: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return coordinates (grid,), squared radius and the number of the angle (grid, grid)."""
    line = ((np.arange(grid) + 0.5) / grid - 0.5).astype(np.float32) * np.float32(FIELD_UM)
    angle = np.arctan2(line[:, None], line[None, :])
    return line, line[:, None] ** 2 + line[None, :] ** 2, _number(angle)


def draw_body(seed: int, number: int, extension: float, scatter: float, grid: int) -> Body:
    """Draw the body of cell `number` with these traits, for a grid of so many pixels."""
    rng = stream(seed, BODY, number)
    radius = RADIUS * np.exp(rng.normal(0, 0.1))
    order = np.arange(2, 7)
    heights = rng.normal(0, 0.13, len(order)) / (order - 1) ** 1.3
    angles, turns = rng.uniform(0, 2 * np.pi, len(order)), rng.normal(0, 0.04, len(order))
    rim = np.column_stack([order, heights, angles, turns])
    height = radius * rng.uniform(0.38, 0.66)
    low, high = [0, 1.2, 8, 0, 1.0, 0.86], [2 * np.pi, 3.6, 30, 2 * np.pi, 3.0, 1.05]
    blebs = rng.uniform(low, high, (9, 6))[: rng.integers(2, 10)]
    length = LENGTH * np.exp(0.45 * extension + rng.normal(0, 0.2, 4))
    low, high = [0, 0, 2.2, 20, 0, -0.6, 0.05], [2 * np.pi, 0, 4.2, 60, 2 * np.pi, 0.6, 0.3]
    arms = rng.uniform(low, high, (4, 7))
    arms[:, 1] = length
    arms = arms[: rng.choice([1, 2, 3, 4], p=[0.3, 0.35, 0.25, 0.1])]
    nucleus = np.array([*rng.normal(0, 1.6, 2), rng.uniform(4.2, 6.0), rng.uniform(0.15, 0.5)])
    wander = float(rng.uniform(0.15, 0.35))
    white = rng.standard_normal((2, grid, grid), dtype=np.float32)
    grains = fft.rfft2(white, axes=(1, 2)) * _band(grid)
    grains *= np.float32(np.sqrt(GRAIN * np.exp(0.4 * scatter)))
    return Body(radius, rim, height, blebs, arms, nucleus, grains, wander)


def phase(body: Body, frame: int, grid: int) -> np.ndarray:
    """Return the phase in rad that the cell adds to light at a frame, (grid, grid) float32."""
    line, squared, number = _polar(grid)
    rim = _rim(body, frame)
    table = (body.height**2 / rim**2).astype(np.float32)
    half = np.float32(body.height**2) - squared * table[number]
    for x, y, radius, flat in np.concatenate([_blebs(body, rim, frame), _arms(body, rim, frame)]):
        columns, rows = _window(x, radius, grid), _window(y, radius, grid)
        across = flat**2 * (radius**2 - (line[columns] - x) ** 2)
        down = flat**2 * (line[rows] - y) ** 2
        part = half[rows, columns]
        np.maximum(part, across[None, :] - down[:, None], out=part)
    half = np.sqrt(np.maximum(half, 0, out=half))
    x, y, radius, depth = body.nucleus.astype(np.float32)
    bump = 1 - ((line - x)[None, :] ** 2 + (line - y)[:, None] ** 2) / radius**2
    inside = np.minimum(half * np.float32(0.4), 1)
    inner = _granules(body, frame, grid) + depth * np.sqrt(np.maximum(bump, 0))
    return np.float32(KAPPA) * half + inside * inner


def _rim(body: Body, frame: int) -> np.ndarray:
    """Return the radius of the body by angle, (ANGLES,)."""
    angle = (np.arange(ANGLES) + 0.5) * (2 * np.pi / ANGLES)
    order, height, start, turn = body.rim.T[:, :, None]
    waves = height * np.cos(order * (angle - start - turn * frame))
    return body.radius * np.maximum(1 + waves.sum(axis=0), 0.5)


def _window(centre: float, radius: float, grid: int) -> slice:
    """Return the pixels of a line that a disc covers."""
    first, last = ((centre + side * radius) / FIELD_UM + 0.5 for side in (-1, 1))
    return slice(max(0, int(first * grid)), max(0, min(grid, int(last * grid) + 1)))


def _number(angle: np.ndarray) -> np.ndarray:
    """Return which of the `ANGLES` of the rim an angle in rad is nearest to."""
    return np.floor(angle / (2 * np.pi) * ANGLES).astype(np.intp) % ANGLES


def _blebs(body: Body, rim: np.ndarray, frame: int) -> np.ndarray:
    """Return the blebs at a frame as discs: x, y, radius, flatness."""
    angle, radius, period, start, sharp, out = body.blebs.T
    swell = (0.5 + 0.5 * np.sin(2 * np.pi * frame / period + start)) ** sharp
    distance = rim[_number(angle)] * out
    x, y, flat = distance * np.cos(angle), distance * np.sin(angle), np.full(len(angle), 0.8)
    return np.column_stack([x, y, radius * swell, flat])


def _arms(body: Body, rim: np.ndarray, frame: int, links: int = 12) -> np.ndarray:
    """Return the pseudopodia at a frame as chains of discs: x, y, radius, flatness."""
    angle, length, radius, period, start, bend, swing = body.arms.T[:, :, None]
    wave = 2 * np.pi * frame / period + start
    along = np.linspace(0, 1, links)
    reach = length * (0.65 + 0.35 * np.sin(wave))
    base = rim[_number(angle)] * 0.75
    distance = base + along * (reach + base / 3)
    here = angle + swing * np.sin(wave * 0.7) * along + bend * along**2 * reach / (reach + 10)
    wide = radius * (1.6 - 1.3 * along + 0.25 * along**4) * np.minimum(1, reach / 3)
    flat = np.broadcast_to(0.7 - 0.2 * along, wide.shape)
    discs = [distance * np.cos(here), distance * np.sin(here), wide, flat]
    return np.column_stack([part.ravel() for part in discs])


@lru_cache(maxsize=4)
def _band(grid: int) -> np.ndarray:
    """Return the spectrum of granules of 0.7 um, and of a coarser mottle, (grid, grid // 2 + 1)."""
    fine, coarse = low_pass(grid, 0.45), low_pass(grid, 1.3)
    band = fine / np.sqrt(np.mean(fine**2)) * 0.85 + coarse / np.sqrt(np.mean(coarse**2)) * 0.5
    return band.astype(np.float32)


def _granules(body: Body, frame: int, grid: int) -> np.ndarray:
    """Return the phase of granules at a frame: noise times its size, so that few stand out."""
    here = body.wander * frame
    spectrum = np.float32(np.cos(here)) * body.grains[0] + np.float32(np.sin(here)) * body.grains[1]
    noise = fft.irfft2(spectrum, (grid, grid))
    return noise * np.abs(noise)
