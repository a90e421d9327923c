"""Settings of the simulated live-cell images, its design (which xenograft on which date), and names.

Nothing beyond the standard library is imported here.

Design
------
Seven xenografts (PDX), three of high and four of low metastatic efficiency, on fourteen dates. On
nine dates several were imaged, always of both kinds, as many cells of each; on five only one was.
The share of highly metastatic cells on a seen date is 1/4 (one date), 1/3 (3), 1/2 (2) or 2/3 (3),
so the date alone tells the kind with an AUROC of 0.68.
"""

import random
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath
from typing import NamedTuple

from armed.errors import ConfigError
from armed_study.simulation.settings import GeneratorSettings, at_least

HIGH, LOW = "high", "low"
PDX_NAMES = ("P105", "P118", "P203", "P227", "P314", "P342", "P409")
DATE_NAMES = (
    "150304", "150317", "150408", "150422", "150513", "150610", "150624", "150708", "150805",
    "150902", "150916", "151007", "151021", "151104",
)  # fmt: skip
HIGHS = 3  # PDX 0 to 2 of the design are of high efficiency, 3 to 6 of low
SEEN = (
    (0, 3, 4), (1, 2, 5), (2, 6), (0, 1, 3), (1, 4, 5, 6), (0, 2, 6), (2, 3, 5), (0, 4), (1, 3, 6),
)  # fmt: skip
UNSEEN = ((0,), (1,), (2,), (3,), (6,))


@dataclass(frozen=True)
class LivecellSettings(GeneratorSettings):
    """Sizes of the simulated live-cell data; their distribution is described in `livecell`.

    Parameters
    ----------
    size
        Height and width of a frame in pixels, a power of 2 from 32 to 1024; published: 256. The
        field is 83 um wide at any size.
    cells_seen, cells_unseen
        Cells of each PDX on each date on which several were imaged, and on the other dates.
    frames
        Frames of each cell.
    minutes
        From one of its frames to the next; a frame is the same whichever others are formed.

    Raises
    ------
    ConfigError
        A value of the wrong type or range.
    """

    size: int = 256
    cells_seen: int = at_least(2, 30)
    cells_unseen: int = at_least(2, 50)
    frames: int = at_least(1, 64)
    minutes: int = at_least(1, 1)

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.size not in [2**k for k in range(5, 11)]:
            raise ConfigError(
                f"size is {self.size!r}, expected a power of 2 from 32 to 1024; correct it"
            )


class Date(NamedTuple):
    """A date: its name, the PDX imaged on it, and whether they were several."""

    name: str
    pdx: tuple[str, ...]
    seen: bool


class Cell(NamedTuple):
    """A cell: number from 0, PDX, date, name (unique within the PDX), and whether the date is seen."""

    number: int
    pdx: str
    date: str
    name: str
    seen: bool

    @property
    def key(self) -> str:
        """PDX and name, `P105/c001`: what tells it from all others."""
        return f"{self.pdx}/{self.name}"


@lru_cache(maxsize=8)
def roles(seed: int) -> tuple[str, ...]:
    """Return which PDX plays each part of the design: its names, three of high efficiency first."""
    return tuple(random.Random(f"pdx {seed}").sample(PDX_NAMES, len(PDX_NAMES)))


def phenotype(seed: int, pdx: str) -> str:
    """Return high or low."""
    return HIGH if roles(seed).index(pdx) < HIGHS else LOW


@lru_cache(maxsize=8)
def dates(seed: int) -> tuple[Date, ...]:
    """Return the dates in order of time; which part of the design each plays depends on the seed."""
    names, own = roles(seed), [(pdx, True) for pdx in SEEN] + [(pdx, False) for pdx in UNSEEN]
    own = random.Random(f"dates {seed}").sample(own, len(own))
    return tuple(
        Date(name, tuple(sorted(names[i] for i in pdx)), seen)
        for name, (pdx, seen) in zip(DATE_NAMES, own, strict=True)
    )


@lru_cache(maxsize=8)
def cells(settings: LivecellSettings, seed: int) -> tuple[Cell, ...]:
    """Return all cells, by date and PDX; those of a PDX are numbered over its dates."""
    found: list[Cell] = []
    count = Counter[str]()
    for date in dates(seed):
        for pdx in date.pdx:
            for _ in range(settings.cells_seen if date.seen else settings.cells_unseen):
                count[pdx] += 1
                found.append(Cell(len(found), pdx, date.name, f"c{count[pdx]:04d}", date.seen))
    return tuple(found)


def cell_folder(seed: int, cell: Cell) -> PurePosixPath:
    """Return the folder of a cell's frames, relative to the root of the tree."""
    imaged = next(date.pdx for date in dates(seed) if date.name == cell.date)
    day = f"{cell.date}_{'-'.join(imaged)}"
    return PurePosixPath(phenotype(seed, cell.pdx), cell.pdx, day, cell.name)
