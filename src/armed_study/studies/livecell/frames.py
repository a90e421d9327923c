"""One frame: from its file to grey values at the size wanted."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from armed.errors import ConfigError, DataError

_COLOUR = ("RGB", "RGBA", "P", "PA", "LA")


class Form(NamedTuple):
    """Width and height in pixels, and bits of a grey value: 8 or 16."""

    width: int
    height: int
    bits: int

    def __str__(self) -> str:
        return f"{self.width} x {self.height} pixels of {self.bits} bits"


def form_of(path: str | Path) -> Form:
    """Return the form of an image as its header tells; raises as `read_frame`."""
    with _open(path) as image:
        return _form(image, path)


def read_frame(path: str | Path, expected: Form, reference: str | Path) -> np.ndarray:
    """Return grey values, (height, width) uint8 or uint16.

    Parameters
    ----------
    expected
        Form that all frames must have.
    reference
        File that has it, for messages.

    Raises
    ------
    DataError
        No image, a damaged one, several pages, colour (unless all channels are the same), another
        depth than 8 or 16 bits, or another form.
    """
    with _open(path) as image:
        found = _form(image, path)
        if found != expected:
            raise DataError(
                f"{path}: has {found}, expected {expected} as {reference} has; convert the frames to "
                "one form"
            )
        try:
            with Image.open(path) as again:
                again.verify()  # compares the checksums of a PNG file; who only loads it does not
            image.load()
        except Exception as error:  # whatever a damaged file makes the library raise
            raise DataError(
                f"{path}: damaged or incomplete ({_first_line(error)}), expected a whole image; copy it again"
            ) from error
        return _grey(image, path)


def shrink(grey: np.ndarray, size: int) -> np.ndarray:
    """Return means over square boxes, (size, size), of the same type, to the nearest value."""
    return grey if len(grey) == size else np.rint(box_means(grey, size)).astype(grey.dtype)


def box_means(grey: np.ndarray, size: int) -> np.ndarray:
    """Return means over square boxes, (size, size) float64, of a square image."""
    fold = len(grey) // size
    return grey.reshape(size, fold, size, fold).astype(np.float64).mean(axis=(1, 3))


def check_form(form: Form, size: int, path: str | Path) -> None:
    """Raise `ConfigError` unless frames of a form can be brought to a size by boxes."""
    if form.width != form.height or form.width % size or form.width < size:
        raise ConfigError(
            f"{path}: has {form.width} x {form.height} pixels, expected a square of {size} or a "
            "multiple of it, as data.images.size says; change that or crop the frames"
        )


def _open(path: str | Path) -> Image.Image:
    try:
        return Image.open(path)
    except Exception as error:
        raise DataError(
            f"{path}: no image that can be read ({_first_line(error)}), expected PNG or TIFF; copy it "
            "again"
        ) from error


def _form(image: Image.Image, path: str | Path) -> Form:
    if (count := getattr(image, "n_frames", 1)) > 1:
        raise DataError(f"{path}: holds {count} images, expected one a file; split it into files")
    if image.mode == "L" or image.mode in _COLOUR:
        return Form(*image.size, 8)
    if image.mode.startswith("I;16"):
        return Form(*image.size, 16)
    raise DataError(
        f"{path}: has pixels of kind '{image.mode}', expected 8 or 16 bits of grey; convert it"
    )


def _grey(image: Image.Image, path: str | Path) -> np.ndarray:
    if image.mode not in _COLOUR:
        values = np.asarray(image)
        return values.astype(values.dtype.newbyteorder("="))
    channels = np.asarray(image.convert("RGBA"))
    if (channels[..., :3] != channels[..., :1]).any() or (channels[..., 3] != 255).any():
        raise DataError(f"{path}: is in colour, expected shades of grey; convert it")
    return channels[..., 0].copy()


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
