"""Blocks of the configuration that studies of live-cell images have."""

from typing import Annotated, Literal

from pydantic import Field

from armed_study.studies.blocks import Block, Folder, Names, Positive, absent, key


class FrameStride(Block):
    """Every n-th frame of a cell is taken, the first one first; published: 4 and 32."""

    seen: Positive = key("On seen dates.")
    unseen: Positive = key("On unseen dates.")


class Images(Block):
    """How a frame becomes an image."""

    size: int = key(
        "Height and width in pixels; larger frames, by a whole factor, are averaged over boxes.",
        ge=16,
    )
    white_level: Positive | None = absent(
        "Grey value that becomes 1, such as 4095 for cameras of 12 bits; null: the highest of the "
        "files' depth."
    )


class Generated(Block):
    """Sizes of the generated tree."""

    size: int = absent(
        "Height and width of a frame in pixels, a power of 2; published: 256.", ge=32, le=1024
    )
    cells_seen: int = absent("Cells of each PDX on each seen date.", ge=2)
    cells_unseen: int = absent("Cells on each unseen date.", ge=2)
    frames: Positive = absent("Frames of each cell.")
    minutes: Positive = absent("From one frame of a cell to the next; default: 1.")


class Data(Block):
    """Which frames, and what is made of them."""

    source: Literal["generated"] | Folder = key(
        "`generated`, or {path: your tree <high|low>/<pdx>/<date>_<pdxs>/<cell>/<frame> of PNG or "
        "TIFF}."
    )
    seen_dates: Literal["auto"] | Annotated[Names, Field(min_length=2)] = key(
        "Dates that models are trained on: auto (those on which at least two PDX were imaged), or "
        "a list of two or more; all others are unseen."
    )
    cell_names: Literal["unique", "by_date"] = key(
        "unique (the name of a cell folder means one cell of its PDX, and may not be on two dates)"
        " or by_date (names start again on each date)."
    )
    frame_stride: FrameStride = key(
        "Every n-th frame of a cell is taken, the first one first; published: 4 and 32."
    )
    images: Images = key("How a frame becomes an image.")
    generated: Generated = absent("Sizes of the generated tree.")


class Counterfactuals(Block):
    """Which frames are reconstructed as on every seen date."""

    cells: int = key(
        "Cells of seen and of unseen dates, one frame each, that each fold looks at; half of each "
        "outcome.",
        ge=2,
    )


BLOCKS = {"counterfactuals": Counterfactuals}
