"""The simulated live-cell images as files: folders of frames in the layout of the published study.

``<high|low>/<pdx>/<date>_<pdxs>/<cell>/<frame>.png``, 8-bit grey. One frame is formed, written and let
go at a time, so memory does not grow with their number, and the bytes of a file depend on settings,
seed and names alone.
"""

import sys
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from armed_study.job import end_with_parent
from armed_study.simulation.livecell.cells import traits
from armed_study.simulation.livecell.dates import appearances
from armed_study.simulation.livecell.frame import render
from armed_study.simulation.livecell.names import Cell, LivecellSettings, cell_folder, cells

CHUNK = 8  # cells that a process takes at a time
_README = """\
Generated frames of living cells under phase contrast

These are no images of real cells. Cells, dates and xenografts are invented; the truth about them is
in the tables beside this folder. Settings and seed:

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
    write, wanted = partial(_write_cell, root, settings, seed), cells(settings, seed)
    show = partial(tqdm, total=len(wanted), desc="rendering", unit="cell", file=sys.stderr)
    if workers <= 1:
        for cell in show(wanted):
            write(cell)
        return
    # Where processes are forked, they share what is drawn once.
    appearances(seed), traits(settings, seed)
    with ProcessPoolExecutor(workers, initializer=end_with_parent) as pool:
        for _ in show(pool.map(write, wanted, chunksize=CHUNK)):
            pass


def _write_cell(root: Path, settings: LivecellSettings, seed: int, cell: Cell) -> None:
    folder = root / cell_folder(seed, cell)
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(settings.frames):
        image = Image.fromarray(render(settings, seed, cell.key, frame))
        image.save(folder / f"{frame:04d}.png")
