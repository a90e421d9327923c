"""Finding cells and their frames in a tree of live-cell images; standard library only.

The layout is that of the published study, ``<high|low>/<pdx>/<date>_<pdxs>/<cell>/<frame>``: kind of
metastatic efficiency, xenograft, date as yymmdd with all xenografts imaged on it, cell, and frames as PNG
or TIFF whose names end in their numbers. Files next to the folders, and hidden ones, are ignored.
"""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from armed.errors import ConfigError, DataError
from armed_study.io.shards import in_shard
from armed_study.messages import listing
from armed_study.source_files import folders, same_place, visible

PHENOTYPES = ("high", "low")
ENDINGS = (".png", ".tif", ".tiff")
UNIQUE, BY_DATE = "unique", "by_date"
AUTO = "auto"
_DATE = re.compile(r"(\d{6})_.+")
_NUMBER = re.compile(r"\d+")


class CellFolder(NamedTuple):
    """A cell's folder and what it says: the date without the xenografts; `key` tells it from others."""

    phenotype: str
    pdx: str
    date: str
    name: str
    key: str
    path: Path


def find_cells(root: str | Path, cell_names: str = UNIQUE) -> list[CellFolder]:
    """Return the cells of a tree, by PDX, date and name.

    Parameters
    ----------
    cell_names
        `unique`: a name means one cell of a PDX, and may not be on two dates; `by_date`: names start
        again on each date.

    Raises `ConfigError` or `DataError` for no such folder, one whose name is not of the layout, a PDX
    of both kinds, a cell in two folders, and no cell of a kind.
    """
    root = Path(root)
    if not root.is_dir():
        raise ConfigError(
            f"{root}: no such folder, expected high and low with frames in them; check "
            "data.source.path"
        )
    phenotypes = folders(root)
    if strange := [path.name for path in phenotypes if path.name not in PHENOTYPES]:
        raise DataError(
            f"{root}: holds the folder {listing(strange)}, expected only high and low, the kinds of "
            "metastatic efficiency; rename or move it"
        )
    found = [
        _cell(phenotype, pdx, date, cell, cell_names)
        for phenotype in phenotypes
        for pdx in folders(phenotype)
        for date in folders(pdx)
        for cell in folders(date)
    ]
    for kind in PHENOTYPES:
        if not any(cell.phenotype == kind for cell in found):
            raise DataError(
                f"{root}: holds no cell in {kind}/<pdx>/<date>_<pdxs>/<cell>, expected some of each "
                "kind; put them there"
            )
    _check_one_place(found, root)
    return sorted(found, key=lambda cell: (cell.pdx, cell.date, cell.name))


def cells_of_part(cells: Iterable[CellFolder], part: str) -> list[CellFolder]:
    """Return the cells that are dealt to a part, ``i-of-n``."""
    return [cell for cell in cells if in_shard(cell.key, part)]


def seen_dates(cells: Sequence[CellFolder], wanted: str | Sequence[str], root: Path) -> set[str]:
    """Return the dates that models are trained on: those named, or those of at least two PDX.

    Raises
    ------
    ConfigError, DataError
        A named date without cells, or fewer than two seen dates.
    """
    xenografts: dict[str, set[str]] = {}
    for cell in cells:
        xenografts.setdefault(cell.date, set()).add(cell.pdx)
    if wanted == AUTO:
        seen = {date for date, pdx in xenografts.items() if len(pdx) > 1}
    else:
        seen = {str(date) for date in wanted}
        if absent := sorted(seen - set(xenografts)):
            raise ConfigError(
                f"data.seen_dates names {listing(absent)}, on which {root} has no cell; expected some "
                f"of {listing(sorted(xenografts), 20)}; correct it"
            )
    if len(seen) < 2:
        why = "on which at least two PDX were imaged" if wanted == AUTO else "in data.seen_dates"
        raise DataError(
            f"{root}: {len(seen)} of the dates {listing(sorted(xenografts), 4)} are seen ones ({why}), "
            "expected at least 2, as mixed effects compare dates; add dates, or name more"
        )
    return seen


def find_frames(cell: CellFolder) -> list[tuple[int, Path]]:
    """Return number and file of each frame of a cell, in order.

    Raises `DataError` for a cell without frames, a name without a number, and a number twice.
    """
    found: dict[int, Path] = {}
    for path in visible(cell.path):
        if path.suffix.lower() not in ENDINGS:
            continue
        numbers = _NUMBER.findall(path.stem)
        if not numbers:
            raise DataError(
                f"{path}: the name has no number, expected one that says which frame it is; rename it"
            )
        number = int(numbers[-1])
        if number in found:
            raise DataError(
                f"{path}: is frame {number} as {found[number].name} is, expected one file a frame; "
                "remove or rename one"
            )
        found[number] = path
    if not found:
        raise DataError(
            f"{cell.path}: holds no frame, expected PNG or TIFF files; put them there or remove the "
            "folder"
        )
    return sorted(found.items())


def _cell(phenotype: Path, pdx: Path, date: Path, cell: Path, cell_names: str) -> CellFolder:
    day = date.name[:6] if _DATE.fullmatch(date.name) else ""
    try:
        datetime.strptime(day, "%y%m%d")
    except ValueError:
        raise DataError(
            f"{date}: the name is not <date>_<pdxs>, expected a date as yymmdd and the xenografts imaged "
            "on it, such as 150304_P105-P203; rename the folder"
        ) from None
    names = (pdx.name, cell.name) if cell_names == UNIQUE else (pdx.name, day, cell.name)
    return CellFolder(phenotype.name, pdx.name, day, cell.name, "/".join(names), cell)


def _check_one_place(cells: Iterable[CellFolder], root: Path) -> None:
    """Refuse a PDX of two kinds, a cell in two folders, and a folder that is two cells by a link."""
    if twice := same_place(cell.path for cell in cells):
        first, second = (path.relative_to(root) for path in twice)
        raise DataError(
            f"{root}: {second} is the same folder as {first}, expected one folder for each cell; remove "
            "the link"
        )
    kind: dict[str, str] = {}
    known: dict[str, CellFolder] = {}
    for cell in cells:
        if kind.setdefault(cell.pdx, cell.phenotype) != cell.phenotype:
            raise DataError(
                f"{root}: PDX {cell.pdx} is both in high and in low, expected one kind for each; move "
                "its folder"
            )
        other = known.setdefault(cell.key, cell)
        if other is not cell:
            where = " and ".join(str(c.path.parent.relative_to(root)) for c in (other, cell))
            raise DataError(
                f"{root}: cell {cell.name} is in {where}, expected one folder for each cell; rename "
                "one, or set data.cell_names to by_date if names start again on each date"
            )
