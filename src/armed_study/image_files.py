"""Images of a dataset: one array in a file beside its samples table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import BinaryIO

import numpy as np

from armed.errors import DataError
from armed_study.tables import replacing

BLOCK_BYTES = 64 * 2**20
KINDS = ("float32", "uint8")


def open_images(path: str | Path) -> np.memmap:
    """Return the array of a ``.npy`` file, memory-mapped and read-only.

    Raises
    ------
    DataError
        If there is no such file, or it is no array that can be mapped.
    """
    try:
        found = np.load(path, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError, EOFError) as error:
        raise DataError(
            f"{path}: found no array that can be read ({error}), expected the images of the samples; "
            "delete it and run the workflow again"
        ) from error
    if not isinstance(found, np.memmap):
        raise DataError(f"{path}: found an archive of arrays, expected one array; make it anew")
    return found


def check_images(images: np.ndarray, *, samples: int, study: str) -> None:
    """Raise `DataError` for the first thing that is wrong with the images of ``samples`` samples."""
    if images.ndim != 4 or images.shape[2] != images.shape[3] or 0 in images.shape[1:]:
        raise DataError(
            f"{study}: images have shape {images.shape}, expected (samples, channels, size, size); "
            "prepare them anew"
        )
    if len(images) != samples:
        raise DataError(
            f"{study}: there are {len(images)} images of {samples} samples, expected one of each, in "
            "the same order; prepare them anew"
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
                "are not finite numbers, expected none; prepare it anew or leave the sample out"
            )


def begin_array(file: BinaryIO, *, count: int, shape: tuple[int, ...], dtype: str) -> None:
    """Begin a ``.npy`` file of images in a plain file, to which their bytes are then written.

    Not through mapped memory: a full disk is then an error and not a crash.
    """
    about = {"descr": np.dtype(dtype).newbyteorder("<").str, "fortran_order": False}
    np.lib.format.write_array_header_1_0(file, {**about, "shape": (count, *shape)})


def write_images(
    path: str | Path,
    rows: Iterable[np.ndarray],
    *,
    count: int,
    shape: tuple[int, ...],
    dtype: str,
) -> None:
    """Write images of a shape, (channels, size, size), one at a time; whole or not at all."""
    with replacing(path) as part, part.open("wb") as file:
        begin_array(file, count=count, shape=shape, dtype=dtype)
        for row in rows:
            file.write(row.astype(np.dtype(dtype).newbyteorder("<")).tobytes())


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
