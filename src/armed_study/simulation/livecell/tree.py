"""The simulated live-cell images as files: folders of frames in the layout of the published study.

``<high|low>/<pdx>/<date>_<pdxs>/<cell>/<frame>.png``, 8-bit grey. One frame is formed, written and let
go at a time, so memory does not grow with their number, and the bytes of a file depend on settings,
seed and names alone.
"""

from functools import partial
from pathlib import Path

from PIL import Image

from armed_study.simulation.livecell.cells import traits
from armed_study.simulation.livecell.dates import appearances
from armed_study.simulation.livecell.frame import render
from armed_study.simulation.livecell.names import Cell, LivecellSettings, cell_folder, cells
from armed_study.simulation.raw_files import write_each

_README = """\
Generated frames of living cells under phase contrast

These are no images of real cells. Cells, dates and xenografts are invented; the truth about them is
in the tables next to this folder. Settings and seed:

    {settings}
    seed {seed}
"""


def write_tree(root: Path, settings: LivecellSettings, seed: int, *, workers: int = 1) -> None:
    """Write all frames.

    Parameters
    ----------
    workers
        Processes, each with one cell at a time; no byte depends on their number.
    """
    root = Path(root)
    root.mkdir(parents=True, exist_ok=True)
    text = _README.format(settings=settings, seed=seed)
    (root / "README.txt").write_text(text, encoding="utf-8", newline="\n")
    # Where processes are forked, they share what is drawn once.
    appearances(seed), traits(settings, seed)
    write, wanted = partial(_write_cell, root, settings, seed), cells(settings, seed)
    write_each(write, wanted, workers=workers, doing="rendering", unit="cell")


def _write_cell(root: Path, settings: LivecellSettings, seed: int, cell: Cell) -> None:
    folder = root / cell_folder(seed, cell)
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(0, settings.frames * settings.minutes, settings.minutes):
        image = Image.fromarray(render(settings, seed, cell.key, frame))
        image.save(folder / f"{frame:04d}.png")
