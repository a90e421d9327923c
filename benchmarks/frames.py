"""Memory and rate of reading live-cell frames, with few and with ten times as many.

``python benchmarks/frames.py [--few 500] [--many 5000] [--size 64]``

A batch of each number of frames (256 px, PNG) is prepared in a process of its own. Few frames are generated,
one of a cell; the others of the cell are links to it. The exit code is 1 if the peaks of memory differ by
10 % or more.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

from processes import fresh

BOUND = 0.10


def write_frames(tree: Path, number: str) -> None:
    """Write a generated frame of each cell, and links to it until there are enough; print how many."""
    from armed_study.simulation.livecell import LivecellSettings, write_tree

    write_tree(tree, LivecellSettings(cells_seen=2, cells_unseen=2, frames=1), 1)
    first = sorted(tree.rglob("*.png"))
    each = -(-int(number) // len(first))
    for path in first:
        for frame in range(1, each):
            path.with_name(f"{frame:04d}.png").symlink_to(path.name)
    print(len(first) * each)


def prepare(tree: Path, size: str) -> None:
    """Prepare all frames of a tree; print seconds, and the peak of memory in MB."""
    from armed_study.studies.livecell.batch import prepare_part

    data = {
        "cell_names": "unique",
        "seen_dates": "auto",
        "frame_stride": {"seen": 1, "unseen": 1},
        "images": {"size": int(size)},
    }
    start = time.perf_counter()
    prepare_part(data, tree, "1-of-1", tree.parent)
    spent = time.perf_counter() - start
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def main() -> int:
    """Print a line for each number of frames."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for option, default in (("few", 500), ("many", 5000), ("size", 64)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--step", nargs="+", help="used by the program itself")
    given = parser.parse_args()
    if given.step:
        name, tree, *values = given.step
        {"write": write_frames, "prepare": prepare}[name](Path(tree), *values)
        return 0
    first = difference = 0.0
    print(f"{'frames':>6}{'seconds':>9}{'frames/s':>10}{'peak MB':>9}{'difference':>12}")
    for wanted in (given.few, given.many):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            count = int(fresh(__file__, "write", tree, wanted))
            seconds, peak = map(float, fresh(__file__, "prepare", tree, given.size).split())
        difference = peak / first - 1 if first else 0.0
        shown = f"{difference:+.1%}" if first else ""
        first = first or peak
        print(
            f"{count:>6}{seconds:>9.1f}{count / seconds:>10.0f}{peak:>9.0f}{shown:>12}", flush=True
        )
    return int(abs(difference) >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
