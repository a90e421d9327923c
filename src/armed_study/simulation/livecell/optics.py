"""A phase-contrast microscope and its camera, simulated.

Zernike's arrangement: light that the object does not diffract passes a ring which holds some of it
back and shifts its phase by a quarter of a wave. The ring has a width, so it also catches light that
wide structures diffract, and that makes the halo and the shading-off (Yin et al. 2012; Murphy &
Davidson 2012, ch. 7). With the amplitude ``u = exp(i phase)`` behind the object, its direct part ``L u`` (a
Gaussian low pass, of the width of the ring) and the ring's transmission ``a``::

    intensity = | P (u - L u - i a L u) |^2 / a^2,    grey = level light (intensity)^contrast + noise

where ``P`` is defocus and blur. A thin object is darker than the field, one of several rad as bright or
brighter; a rounded cell has a dark rim in a bright halo.

References
----------
Murphy & Davidson 2012, Fundamentals of light microscopy and electronic imaging, 2nd ed., Wiley.
Yin, Kanade & Chen 2012, Understanding the phase contrast optics to restore artifact-free microscopy
images for segmentation, Medical Image Analysis 16:1047.
"""

from functools import lru_cache

import numpy as np
from scipy import fft

from armed_study.simulation.livecell.body import FIELD_UM, low_pass
from armed_study.simulation.livecell.dates import Appearance

RING_UM = 5.0  # width in the object of what passes the ring as direct light
WAVELENGTH_UM = 0.55


@lru_cache(maxsize=64)
def _transfer(appearance: Appearance, grid: int) -> np.ndarray:
    """Return what the microscope does to the spectrum of the amplitude, (grid, grid) complex64."""
    line = fft.fftfreq(grid, FIELD_UM / grid)
    k = line[:, None] ** 2 + line[None, :] ** 2
    direct = np.exp(-k * (2 * np.pi * RING_UM) ** 2 / 2)
    blurred = np.exp(-k * (2 * np.pi * appearance.blur) ** 2 / 2)
    focus = np.exp(-1j * np.pi * WAVELENGTH_UM * appearance.focus * k)
    ring = 1 - direct - 1j * appearance.ring * direct
    return (ring * focus * blurred / appearance.ring).astype(np.complex64)


@lru_cache(maxsize=64)
def _light(appearance: Appearance, grid: int) -> np.ndarray:
    """Return the illumination as grey of the empty field, (grid, grid) float32."""
    line = (np.arange(grid) + 0.5) / grid - 0.5
    slope = 1 + appearance.gradient_x * line[None, :] + appearance.gradient_y * line[:, None]
    return (appearance.level * slope).astype(np.float32)


def gel(field: np.ndarray, appearance: Appearance) -> np.ndarray:
    """Return the phase of the gel, (grid, grid) float32.

    Parameters
    ----------
    field
        Spectrum of white noise, (grid, grid // 2 + 1).
    """
    grid = len(field)
    band = low_pass(grid, appearance.grain * 0.5).astype(np.float32)
    pattern = fft.irfft2(field * band, (grid, grid))
    return pattern * np.float32(appearance.texture / pattern.std())


def specks(places: np.ndarray, appearance: Appearance, grid: int) -> np.ndarray:
    """Return the phase of debris, (grid, grid) float32.

    Parameters
    ----------
    places
        (specks, 4): x, y in um, radius in um, phase in rad; how many there are depends on the appearance.
    """
    line = ((np.arange(grid) + 0.5) / grid - 0.5) * FIELD_UM
    found = np.zeros((grid, grid))
    for x, y, radius, depth in places[: round(appearance.debris)]:
        squared = (line - x)[None, :] ** 2 + (line - y)[:, None] ** 2
        found += depth * np.exp(-squared / (2 * radius**2))
    return found.astype(np.float32)


def expose(phase: np.ndarray, appearance: Appearance, size: int) -> np.ndarray:
    """Return a frame without noise in grey from 0 to 1, (size, size) float32."""
    grid = len(phase)
    u = np.empty(phase.shape, dtype=np.complex64)
    np.cos(phase, out=u.real)
    np.sin(phase, out=u.imag)
    u = fft.ifft2(fft.fft2(u, overwrite_x=True) * _transfer(appearance, grid), overwrite_x=True)
    light = u.real**2 + u.imag**2
    grey = np.power(light, np.float32(appearance.contrast)) * _light(appearance, grid)
    fold = grid // size
    if fold > 1:
        grey = grey.reshape(size, fold, size, fold).mean(axis=(1, 3))
    return grey


def record(grey: np.ndarray, noise: np.ndarray, appearance: Appearance) -> np.ndarray:
    """Return the frame that the camera gives, (size, size) uint8; `noise` is standard normal."""
    seen = np.clip(grey + np.float32(appearance.noise) * noise, 0, 1)
    return np.rint(seen * 255).astype(np.uint8)
