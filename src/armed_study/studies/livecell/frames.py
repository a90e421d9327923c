"""One frame: from its file to grey values at the size wanted."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image, ImageFile, ImageOps
from PIL.TiffImagePlugin import PHOTOMETRIC_INTERPRETATION, SAMPLEFORMAT, SAMPLESPERPIXEL

from armed.errors import ConfigError, DataError
from armed_study.source_files import check_readable

_COLOUR = ("RGB", "RGBA", "P", "PA", "LA")
_KINDS = {"1": "1 bit", "I": "32 bits, or signed ones", "F": "decimal numbers"}
_TIFF = (b"II*", b"II+", b"MM\0*", b"MM\0+")
_HIGHEST_16 = np.uint16(2**16 - 1)


class Form(NamedTuple):
    """Width and height in pixels, bits of a grey value, and whether 0 is white in the file.

    Bits are 8, 12 or 16; 2 and 4 are read as 8.
    """

    width: int
    height: int
    bits: int
    inverted: bool = False

    def __str__(self) -> str:
        grey = " in which 0 is white" if self.inverted else ""
        return f"{self.width} x {self.height} pixels of {self.bits} bits{grey}"


def form_of(path: str | Path) -> Form:
    """Return the form of an image as its header tells; raises as `read_frame`."""
    with _open(path) as image:
        return _form(image, path)


def read_frame(path: str | Path, expected: Form, reference: str | Path) -> np.ndarray:
    """Return grey values, (height, width) uint8 or uint16, upright, 0 black.

    Parameters
    ----------
    expected
        Form that all frames must have.
    reference
        File that has it, for messages.

    Raises
    ------
    DataError
        No image, a damaged one, several pages, colour (unless all channels are the same), transparency,
        1 bit, 10, 14, 32 or more, signed or decimal numbers, or another form.
    """
    with _open(path) as image:
        found = _form(image, path)
        if found != expected:
            raise DataError(
                f"{path}: has {found}, expected {expected} as {reference} has; convert the frames to "
                "one form"
            )
        try:
            with _open(path) as again:
                again.verify()  # compares the checksums of a PNG file; who only loads it does not
            image.load()
        except Exception as error:  # whatever a damaged file makes the library raise
            raise DataError(
                f"{path}: damaged or incomplete ({_first_line(error)}), expected a whole image; copy it again"
            ) from error
        grey = _grey(image, path)
        # Of 16 bits the library gives values as they are stored, of fewer as they are meant.
        return _HIGHEST_16 - grey if found.inverted and found.bits == 16 else grey


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


def _open(path: str | Path) -> ImageFile.ImageFile:
    check_readable(Path(path))
    try:
        return Image.open(path, formats=("PNG", "TIFF"))
    except Exception as error:
        begin = Path(path).read_bytes()[:4]
        found = f"no image that can be read ({_first_line(error)}), expected PNG or TIFF"
        if not begin:
            found = "empty (0 bytes), expected an image"
        elif begin.startswith(_TIFF):  # the library does not say what it does not know
            found = "TIFF that is incomplete or of another kind than is read, expected grey of 8 or 16 bits"
        raise DataError(f"{path}: {found}; copy it again or convert it") from error


def _form(image: ImageFile.ImageFile, path: str | Path) -> Form:
    if (count := getattr(image, "n_frames", 1)) > 1:
        raise DataError(f"{path}: holds {count} images, expected one a file; split it into files")
    tags = getattr(image, "tag_v2", {})  # of TIFF
    # How the library unpacks pixels, such as I;16B or ('L;I', 0, 1).
    stored = str(image.tile[0].args)
    channels = tags.get(SAMPLESPERPIXEL, len(image.getbands()))
    if channels != len(image.getbands()) or (";16" in stored and image.mode in _COLOUR):
        raise DataError(
            f"{path}: has several channels of 16 bits, or some without a meaning, expected one; convert it"
        )
    whole = bool(np.all(np.equal(tags.get(SAMPLEFORMAT, 1), 1)))  # numbers, from 0
    if not whole or not (image.mode in ("L", *_COLOUR) or image.mode.startswith("I;16")):
        kind = (
            _KINDS.get(image.mode, image.mode) if whole or image.mode != "L" else "signed numbers"
        )
        raise DataError(
            f"{path}: has pixels of kind '{kind}', expected 8 or 16 bits of grey; convert it"
        )
    bits = 8 if not image.mode.startswith("I") else 12 if "I;12" in stored else 16
    return Form(*image.size, bits, tags.get(PHOTOMETRIC_INTERPRETATION) == 0)


def _grey(image: Image.Image, path: str | Path) -> np.ndarray:
    hidden = image.info.get("transparency")
    upright = ImageOps.exif_transpose(image)
    if image.mode in _COLOUR:
        channels = np.asarray(upright.convert("RGBA"))
        values = channels[..., 0].copy()
        plain = (channels[..., :3] == channels[..., :1]).all() and (channels[..., 3] == 255).all()
    else:
        values = np.asarray(upright)
        values = values.astype(values.dtype.newbyteorder("="))
        plain = hidden is None or hidden not in values
    if not plain:
        raise DataError(
            f"{path}: is in colour or partly transparent, expected shades of grey; convert it"
        )
    return values


def _first_line(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
