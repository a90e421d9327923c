"""Images of a dataset: one array in a file next to its samples table."""

from __future__ import annotations

import io
import os
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from armed.errors import DataError
from armed_study.io.atomic import replacing
from armed_study.messages import REGENERATE, counted

BLOCK_BYTES = 64 * 2**20
_READ_BYTES = 2**20
KINDS = ("float32", "uint8")

_FOOTER = re.compile(rb"\ncrc32:([0-9a-f]{8})\n")
_FOOTER_BYTES = 16


def open_images(path: str | Path, what: str = "images") -> np.memmap:
    """Return the array of a file by `writing_images`, memory-mapped and read-only.

    Raises
    ------
    DataError
        If there is no such file, or it is not as it was written.
    """
    try:
        _verify(path)
        return np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path}: found no whole array of {what} ({error}), expected it as it was written; {REGENERATE}"
        ) from error


def _verify(path: str | Path) -> None:
    """Raise `ValueError` unless the bytes of a file are those whose checksum stands at its end."""
    with Path(path).open("rb") as file:
        left = max(0, os.fstat(file.fileno()).st_size - _FOOTER_BYTES)
        found = 0
        while left:
            block = file.read(min(left, _READ_BYTES))
            found, left = zlib.crc32(block, found), left - len(block)
        footer = _FOOTER.fullmatch(file.read())
    if footer is None:
        raise ValueError("no checksum at its end: cut off, or not by this workflow")
    if found != int(footer[1], 16):
        raise ValueError("its bytes do not fit the checksum at its end: damaged")


def check_images(images: np.ndarray, *, samples: int, study: str) -> None:
    """Raise `DataError` for the first thing that is wrong with the images of ``samples`` samples."""
    if images.ndim != 4 or images.shape[2] != images.shape[3] or 0 in images.shape[1:]:
        raise DataError(
            f"{study}: images have shape {images.shape}, expected (samples, channels, size, size); "
            "prepare them again"
        )
    if len(images) != samples:
        raise DataError(
            f"{study}: found {counted(len(images), 'image')} of {counted(samples, 'sample')}, expected "
            "one of each, in the same order; prepare them again"
        )
    if images.dtype.name not in KINDS:
        raise DataError(
            f"{study}: images are {images.dtype}, expected {' or '.join(KINDS)} (0 to 255, meaning 0 "
            "to 1); convert them"
        )
    rows = max(1, BLOCK_BYTES // images[:1].nbytes)
    for start in range(0, len(images), rows):
        finite = np.isfinite(images[start : start + rows]).all(axis=(1, 2, 3))
        if not finite.all():
            raise DataError(
                f"{study}: image {start + int(np.argmin(finite)) + 1} of {samples} holds values that "
                "are not finite numbers, expected none; prepare it again or leave the sample out"
            )


@contextmanager
def writing_images(
    path: str | Path, *, count: int, shape: tuple[int, ...], dtype: str
) -> Iterator[Callable[[np.ndarray], None]]:
    """Give a function that adds the next of ``count`` images to a file, which is whole or is not.

    The file is ``.npy``, read by `numpy.load`, with a checksum after the array. It is not written
    through mapped memory: a full disk is then an error and not a crash.

    Parameters
    ----------
    shape
        Of an image: (channels, size, size).
    """
    kind = np.dtype(dtype).newbyteorder("<")
    layout = {"descr": kind.str, "fortran_order": False, "shape": (count, *shape)}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, layout)
    with replacing(path) as part, part.open("wb") as file:
        checksum = 0

        def write(content: bytes) -> None:
            nonlocal checksum
            checksum = zlib.crc32(content, checksum)
            file.write(content)

        write(header.getvalue())
        yield lambda image: write(image.astype(kind).tobytes())
        file.write(b"\ncrc32:%08x\n" % checksum)


def write_images(path: str | Path, rows: Iterable[np.ndarray], **layout: Any) -> None:
    """Write images one at a time; ``layout`` is count, shape and dtype, see `writing_images`."""
    with writing_images(path, **layout) as add:
        for row in rows:
            add(row)


def save_images(path: str | Path, images: np.ndarray) -> None:
    """Write an array of images; see `writing_images`."""
    shape, dtype = images.shape[1:], images.dtype.name
    write_images(path, images, count=len(images), shape=shape, dtype=dtype)


def gather_images(
    path: str | Path, parts: Sequence[str | Path], samples: Iterable[str], wanted: Sequence[str]
) -> None:
    """Write the images wanted of several files as one file, one at a time.

    Parameters
    ----------
    parts
        Files of images.
    samples
        Which sample each of their images is of, file by file.
    wanted
        Samples whose images are written, in this order.
    """
    arrays = [open_images(part) for part in parts]
    places = [(array, row) for array in arrays for row in range(len(array))]
    place = dict(zip(samples, places, strict=True))
    rows = (np.asarray(array[row]) for array, row in map(place.__getitem__, wanted))
    first = arrays[0]
    write_images(path, rows, count=len(wanted), shape=first.shape[1:], dtype=first.dtype.name)
