"""A tree of frames in the layout of the live-cell images, made of any pixels."""

import struct
from pathlib import Path

import numpy as np
from PIL import Image

SIZE = 32
# kind, PDX, folder of the date, cells: 160102 has one PDX only
CELLS = (
    ("high", "A1", "160101_A1-B1", ("a1", "a2", "a3")),
    ("low", "B1", "160101_A1-B1", ("b1", "b2")),
    ("high", "A1", "160203_A1-B1-B2", ("a4", "a5")),
    ("low", "B1", "160203_A1-B1-B2", ("b3", "b4")),
    ("low", "B2", "160203_A1-B1-B2", ("c1", "c2")),
    ("high", "A1", "160102_A1", ("a6",)),
)


def pixels(number: int, size: int = SIZE, bits: int = 8) -> np.ndarray:
    """Noise that tells the frames apart."""
    kind = np.uint8 if bits == 8 else np.uint16
    return np.random.default_rng(number).integers(0, 2**bits, (size, size)).astype(kind)


def write_frame(path: Path, values: np.ndarray) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path)


def write_tiff(path: Path, values: np.ndarray, data: bytes = b"", **tags: int) -> None:
    """Write grey values as TIFF by hand, with tags (``t262=0``) that libraries would not write."""
    data = data or values.tobytes()
    height, width = values.shape[:2]
    known = {256: width, 257: height, 258: 8 * values.itemsize, 259: 1, 262: 1, 277: 1, 278: height,
             279: len(data)}  # fmt: skip
    known |= {int(name[1:]): value for name, value in tags.items()}
    known[273] = 8 + 2 + 12 * (len(known) + 1) + 4  # where the pixels begin
    entries = [struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(known.items())]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(entries))
    path.write_bytes(head + b"".join(entries) + bytes(4) + data)


def write_cells(root: Path, *, cells=CELLS, frames=5, ending="png", draw=None, **given):
    """Write frames of cells, noise or what is drawn of kind and date; return their files in order."""
    files: list[Path] = []
    for kind, pdx, date, names in cells:
        for cell in names:
            for frame in range(1, frames + 1):
                path = root / kind / pdx / date / cell / f"frame_{frame}.{ending}"
                write_frame(path, draw(kind, date) if draw else pixels(len(files), **given))
                files.append(path)
    return files
