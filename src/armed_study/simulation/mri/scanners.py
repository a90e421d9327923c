"""Simulated scanners: what a manufacturer, a site and a session do to the same brain.

An image of intensities ``I`` (template scale) becomes, in this order: tissue levels moved (a
monotone curve through fluid, grey and white matter), a bias field multiplied, blurred and made to ring (one
transfer function along each axis, cut off at the edge of k-space), Rician noise, gamma, scale.
Sites vary around their manufacturer, sessions a little around their site.
"""

from dataclasses import asdict, dataclass

import numpy as np
from scipy import fft

from armed_study.simulation.mri.anatomy import CSF, GREY, WHITE
from armed_study.simulation.mri.lattice import smooth_field
from armed_study.simulation.mri.names import MriSettings
from armed_study.simulation.mri.participants import MANUFACTURERS, sites, stream

_PART = 1
_KNOTS = (5, 5, 5)


@dataclass(frozen=True)
class Scanner:
    """One scanner; levels as a share of white matter's, lengths in mm.

    Parameters
    ----------
    csf, grey
        Levels of fluid and grey matter.
    bias, centre
        Standard deviation of the log of a random smooth field; log of the brightening of the centre.
    blur
        Standard deviation of the point spread.
    ringing
        0 to 1: how sharply k-space ends.
    noise
        Standard deviation of either channel, white matter being 1.
    gamma
        Exponent of the intensities.
    scale
        Stored value of white matter.
    """

    csf: float
    grey: float
    bias: float
    centre: float
    blur: float
    ringing: float
    noise: float
    gamma: float
    scale: float


# Standard deviations of sites around their manufacturer (of log scale and log noise).
_BY_MANUFACTURER = {
    "GE": Scanner(0.20, 0.70, 0.07, 0.14, 0.55, 0.25, 0.024, 0.95, 2400.0),
    "Philips": Scanner(0.15, 0.65, 0.05, 0.05, 0.85, 0.10, 0.018, 1.05, 1100.0),
    "Siemens": Scanner(0.10, 0.60, 0.06, 0.09, 0.40, 0.45, 0.028, 1.00, 420.0),
}
_SITE_SD = Scanner(0.025, 0.018, 0.015, 0.05, 0.10, 0.10, 0.20, 0.035, 0.25)
SESSION_SD = Scanner(0.005, 0.005, 0.0, 0.015, 0.03, 0.0, 0.05, 0.01, 0.05)
_LOG = ("noise", "scale")
_LOWEST = {"csf": 0.03, "bias": 0.01, "blur": 0.05, "ringing": 0.0}

_PARAMETERS = (  # tesla, seconds, degrees
    "ManufacturersModelName", "MagneticFieldStrength", "RepetitionTime", "EchoTime", "FlipAngle",
    "InversionTime",
)  # fmt: skip
_MODELS = {
    "GE": (
        ("SIGNA HDxt", 1.5, 0.00886, 0.00387, 8, 1.0),
        ("DISCOVERY MR750", 3, 0.00730, 0.00304, 11, 0.4),
    ),
    "Philips": (
        ("Intera", 1.5, 0.00860, 0.00400, 8, 1.0),
        ("Achieva", 3, 0.00678, 0.00316, 9, 0.9),
    ),
    "Siemens": (
        ("Avanto", 1.5, 2.4, 0.00365, 8, 1.0),
        ("TrioTim", 3, 2.3, 0.00298, 9, 0.9),
    ),
}


def site_scanner(settings: MriSettings, seed: int, site: str) -> Scanner:
    """Return the scanner of a site; the same whatever the sizes of the tree's sites."""
    manufacturer = str(sites(settings, seed).at[site, "manufacturer"])
    rng = stream(seed, _PART, MANUFACTURERS.index(manufacturer), int(site[1:]))
    return vary(rng, _BY_MANUFACTURER[manufacturer], _SITE_SD)


def site_header(settings: MriSettings, seed: int, site: str) -> dict[str, object]:
    """Return what the sidecars of a site say of its scanner, with BIDS's names and units."""
    manufacturer = str(sites(settings, seed).at[site, "manufacturer"])
    model = _MODELS[manufacturer][int(site[1:]) % 2]
    return {
        "Modality": "MR",
        "Manufacturer": manufacturer,
        **dict(zip(_PARAMETERS, model, strict=True)),
        "InstitutionName": f"Generated site {site}",
    }


def scanned(
    rng: np.random.Generator, image: np.ndarray, scanner: Scanner, *, voxel: float, bias_seed: int
) -> np.ndarray:
    """Return the image as this scanner shows it, float32, at least 0.

    Parameters
    ----------
    image
        Intensities on the template's scale, shape (nx, ny, nz).
    bias_seed
        Decides the shape of the bias field, which belongs to the site.
    """
    curve = ([0, CSF, GREY, WHITE, 1.1], [0, scanner.csf, scanner.grey, 1.0, 1.18])
    shown = np.interp(image.ravel(), *curve).astype(np.float32).reshape(image.shape)
    shown *= _bias(np.random.default_rng(bias_seed), scanner, image.shape)
    for axis in range(3):
        shown = _transferred(shown, axis, scanner, voxel)
    first, second = rng.standard_normal((2, *image.shape), dtype=np.float32) * np.float32(
        scanner.noise
    )
    shown = np.sqrt((shown + first) ** 2 + second**2)
    return shown ** np.float32(scanner.gamma) * np.float32(scanner.scale)


def bias_seed(seed: int, site: str) -> int:
    """Return the seed of the bias field of a site."""
    return int(stream(seed, _PART, len(MANUFACTURERS), int(site[1:])).integers(2**62))


def vary(rng: np.random.Generator, centre: Scanner, spread: Scanner) -> Scanner:
    """Draw a scanner around another, with standard deviations for each parameter."""
    values = {}
    for name, mean in asdict(centre).items():
        step = rng.standard_normal() * getattr(spread, name)
        moved = mean * np.exp(step) if name in _LOG else mean + step
        values[name] = float(max(moved, _LOWEST.get(name, moved)))
    return Scanner(**values)


def _bias(rng: np.random.Generator, scanner: Scanner, shape: tuple[int, int, int]) -> np.ndarray:
    knots = np.indices(_KNOTS) / 2 - 1
    centre = 0.5 - (knots**2).sum(axis=0) / 3
    log = scanner.bias * 2 * rng.standard_normal(_KNOTS) + scanner.centre * 2 * centre
    return np.exp(smooth_field(log[None], shape)[0])


def _transferred(image: np.ndarray, axis: int, scanner: Scanner, voxel: float) -> np.ndarray:
    count = fft.next_fast_len(image.shape[axis], real=True)
    frequency = np.arange(count // 2 + 1) / count  # cycles a voxel
    blur = np.exp(-2 * (np.pi * frequency * scanner.blur / voxel) ** 2)
    window = 1 - scanner.ringing * (frequency > 0.36)
    transfer = (blur * window).astype(np.float32)
    shape = [-1 if a == axis else 1 for a in range(3)]
    spectrum = fft.rfft(image, n=count, axis=axis) * transfer.reshape(shape)
    kept = [slice(None)] * 3
    kept[axis] = slice(image.shape[axis])
    return fft.irfft(spectrum, n=count, axis=axis)[tuple(kept)]
