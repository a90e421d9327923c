"""One image: from its file to grey values at the size wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from armed.errors import DataError

FORMATS = ("PNG", "JPEG", "TIFF", "BMP")
ARRAY = ".npy"
EXPECTED = "PNG, JPEG, TIFF, BMP or an array of NumPy (.npy)"
_PALETTES = ("P", "PA")
_SLICES = (".nii", ".gz", ".mgz", ".dcm")
_MOST_PIXELS = 100_000_000
_LUMA = np.array([0.299, 0.587, 0.114])  # ITU-R BT.601


@dataclass(frozen=True)
class Picture:
    """An image as its file has it.

    ``values`` (height, width, channels) float64, 1 channel or 3; ``white`` the highest value of its depth,
    255 or 65535, None where values are no such numbers.
    """

    values: np.ndarray
    white: int | None

    @property
    def colour(self) -> bool:
        """Whether its channels differ."""
        return bool((self.values != self.values[..., :1]).any())


def read_picture(path: Path) -> Picture:
    """Read an image, upright.

    Raises
    ------
    DataError
        No image, a damaged or transparent one, one of several pages or slices, of a single pixel, or of
        values that are not finite.
    """
    if path.suffix.lower() in _SLICES:
        raise DataError(
            f"{path}: a volume or a file of a scanner, expected {EXPECTED}; save a slice of each as an "
            "image, or use a study of kind ad_mri, which prepares brain scans"
        )
    picture = _array(path) if path.suffix.lower() == ARRAY else _file(path)
    height, width = picture.values.shape[:2]
    if min(height, width) < 2:
        raise DataError(
            f"{path}: has {width} x {height} pixels, expected at least 2 x 2; leave its row out"
        )
    if not np.isfinite(picture.values).all():
        raise DataError(
            f"{path}: holds values that are not finite, expected numbers; leave its row out or mend it"
        )
    return picture


def prepared(path: Path, images: Mapping[str, Any]) -> tuple[np.ndarray, Picture]:
    """Return the image (size, size) float32, 0 to 1, as ``data.images`` has it, and as its file has it.

    Raises
    ------
    DataError
        As `read_picture`, or an image that the settings do not allow.
    """
    picture = read_picture(path)
    grey = _grey(picture, path, luma=images.get("colour") == "luma")
    return fitted(_scaled(grey, picture.white, path, images["scale"]), images["size"]), picture


def fitted(grey: np.ndarray, size: int) -> np.ndarray:
    """Grey values (size, size) float32: the longer side has ``size`` pixels, the rest is 0."""
    image = Image.fromarray(grey.astype(np.float32))
    # Pillow's bilinear filter widens where it shrinks: every pixel counts.
    made = ImageOps.pad(image, (size, size), method=Image.Resampling.BILINEAR, color=0)
    return np.asarray(made, dtype=np.float32)


def _grey(picture: Picture, path: Path, *, luma: bool) -> np.ndarray:
    if not picture.colour:
        return picture.values[..., 0]
    if not luma:
        raise DataError(
            f"{path}: is in colour, expected shades of grey; set data.images.colour to luma, which takes its "
            "brightness"
        )
    brightness: np.ndarray = picture.values @ _LUMA
    return brightness


def _scaled(grey: np.ndarray, white: int | None, path: Path, scale: str) -> np.ndarray:
    if scale == "each":
        low, high = grey.min(), grey.max()
        return (grey - low) / (high - low) if high > low else np.zeros_like(grey)
    if white is None:
        raise DataError(
            f"{path}: holds numbers of no depth of 8 or 16 bits, expected such with data.images.scale depth; "
            "set it to each"
        )
    return grey / white


def _array(path: Path) -> Picture:
    try:
        values = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path}: no array that can be read ({_first_line(error)}), expected one of numbers; save it "
            "again"
        ) from error
    if values.dtype.kind not in "uif" or values.ndim not in (2, 3):
        raise DataError(
            f"{path}: an array {values.shape} of {values.dtype}, expected numbers (height, width) or "
            "(height, width, 3); save it so"
        )
    return Picture(_channels(values, path), _WHITE.get(values.dtype.name))


_WHITE = {"uint8": 255, "uint16": 65535}


def _channels(values: np.ndarray, path: Path) -> np.ndarray:
    """Values (height, width, 1 or 3), of an alpha channel that hides nothing without it."""
    values = values[..., None] if values.ndim == 2 else values
    channels = values.shape[-1]
    if channels in (2, 4):
        if (values[..., -1] != values[..., -1].max()).any():
            raise DataError(
                f"{path}: is partly transparent, expected an image that covers its frame; convert it"
            )
        values, channels = values[..., :-1], channels - 1
    if channels not in (1, 3):
        raise DataError(
            f"{path}: has {channels} channels, expected 1 (grey) or 3 (colour); convert it"
        )
    return values.astype(np.float64)


def _file(path: Path) -> Picture:
    try:
        with Image.open(path, formats=FORMATS) as image:
            image.verify()  # compares the checksums of a PNG file; who only loads it does not
        with Image.open(path, formats=FORMATS) as image:
            if (count := getattr(image, "n_frames", 1)) > 1:
                raise DataError(f"{path}: holds {count} images, expected one a file; split it")
            if image.width * image.height > _MOST_PIXELS:
                raise DataError(
                    f"{path}: has {image.width} x {image.height} pixels, expected at most "
                    f"{_MOST_PIXELS:,}; make it smaller or cut it"
                )
            upright = ImageOps.exif_transpose(image)
            if upright.mode in _PALETTES or "transparency" in upright.info:
                upright = upright.convert("RGBA")
            values = np.asarray(upright.convert("L") if upright.mode == "1" else upright)
            mode = upright.mode
    except DataError:
        raise
    except Exception as error:  # whatever a damaged file makes the library raise
        raise DataError(
            f"{path}: no image that can be read ({_first_line(error)}), expected {EXPECTED}; copy it again "
            "or convert it"
        ) from error
    if mode in ("CMYK", "YCbCr", "LAB", "HSV"):
        raise DataError(f"{path}: is in {mode}, expected grey or RGB; convert it")
    white = 65535 if mode.startswith("I;16") else None if mode in ("I", "F") else 255
    return Picture(_channels(values, path), white)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [type(error).__name__])[0]
