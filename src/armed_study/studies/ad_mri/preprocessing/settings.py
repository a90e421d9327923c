"""Settings of the preparation of images."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MriSettings:
    """How a volume becomes an image.

    Parameters
    ----------
    size
        Height and width of the image, pixels; at least 16.
    transform
        Registration to the template of images in subject space: `affine` (of the brain, then of
        what lies near the point), or `syn` (nonlinear, after an affine one; as published).
    grid_mm
        Voxel size, 1 to 4 mm, at which images are registered.
    bias_correction
        Whether N4 removes the bias field from images in subject space.
    point_mm
        The point that the coronal slice goes through: x, y, z in MNI space, mm; the right
        hippocampus.
    margin
        Pixels of the slice left around the brain.
    percentiles
        Of the image's pixels, which become 0 and 1.
    seed
        Of the points that registration samples.
    """

    size: int = 96
    transform: str = "affine"
    grid_mm: int = 3
    bias_correction: bool = False
    point_mm: tuple[float, float, float] = (32.0, -6.0, -26.0)
    margin: int = 2
    percentiles: tuple[float, float] = (2.0, 98.0)
    seed: int = 1
