"""The ``data`` block of a study of images that a table lists."""

from typing import Literal

from pydantic import Field

from armed_study.studies.blocks import Block, absent, key
from armed_study.studies.table.settings import File, Name, Rows


class Images(Block):
    """How a file becomes an image."""

    size: int = key(
        "Height and width in pixels, a power of 2 or 3 times one; the longer side of an image is brought "
        "to it, the rest is black.",
        ge=8,
    )
    scale: Literal["depth", "each"] = key(
        "What becomes 0 and 1: black and white of the file's depth of 8 or 16 bits (depth), or the lowest "
        "and the highest value of each image (each)."
    )
    colour: Literal["luma"] = absent(
        "What images in colour become: luma, their brightness (ITU-R BT.601). If left out they are refused."
    )


class Data(Rows):
    """Which table, and what its columns are."""

    source: File = key("The table: a CSV or TSV file of yours.")
    file: Name = key(
        "Column of the images' files, relative to the table's folder, or from the root."
    )
    images: Images = Field(description="How a file becomes an image.")
