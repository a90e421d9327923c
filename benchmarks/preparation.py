"""Memory and rate of the preparation of scans, with few and with ten times as many.

``python benchmarks/preparation.py [--few 50] [--many 500] [--few-heads 5] [--many-heads 15]``

A batch of each number of scans is prepared in a process of its own, first brains in MNI space (slice and
scale), then raw heads (ANTs, affine). Few scans are generated; the others are links to them under
names of their own. The exit code is 1 if the peaks of memory differ by 10 % or more.
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


def write_scans(tree: Path, space: str, few: str, many: str) -> None:
    """Write few generated scans, and links to them for the rest of many."""
    from armed_study.simulation.mri import MriSettings, write_tree
    from armed_study.simulation.mri.names import image_path, sidecar_path

    made, count = int(few), int(many)
    sizes = MriSettings(
        sites_ge=1,
        sites_other=1,
        sites_unseen=0,
        subjects_seen_per_site=-(-max(count, 4) // 2),
        fewest_per_diagnosis=1,
        second_session_every=0,
        derivatives=space == "mni",
    )
    names = [f"sub-{number:04d}_ses-01" for number in range(1, count + 1)]
    write_tree(tree, sizes, 1, names=names[:made])
    for number, name in enumerate(names[made:]):
        for path in (image_path, sidecar_path):
            link = tree / path(sizes, name)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(tree / path(sizes, names[number % made]))


def prepare(tree: Path, number: str, out: str) -> None:
    """Prepare the first scans of a tree; print seconds, and the peak of memory in MB."""
    from armed_study.studies.ad_mri.batch import prepare_batch
    from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
    from armed_study.studies.ad_mri.scans.bids import find_scans

    count = int(number)
    scans = find_scans(tree)[:count]
    assert len(scans) == count
    prepare_batch(scans[:1], MriSettings(size=96), out)  # so that programs are loaded
    start = time.perf_counter()
    prepare_batch(scans, MriSettings(size=96), out)
    spent = time.perf_counter() - start
    print(spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3)


def main() -> int:
    """Print a line for each kind of image and number of scans."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for option, default in (("few", 50), ("many", 500), ("few-heads", 5), ("many-heads", 15)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--step", nargs="+", help="used by the program itself")
    given = parser.parse_args()
    if given.step:
        name, tree, *values = given.step
        {"write": write_scans, "prepare": prepare}[name](Path(tree), *values)
        return 0
    worst = 0.0
    print(
        f"{'images':<16}{'scans':>6}{'seconds':>9}{'scans/min':>11}{'peak MB':>9}{'difference':>12}"
    )
    for label, space, counts in (
        ("MNI space", "mni", (given.few, given.many)),
        ("heads, affine", "subject", (given.few_heads, given.many_heads)),
    ):
        with tempfile.TemporaryDirectory() as folder:
            tree = Path(folder) / "tree"
            fresh(__file__, "write", tree, space, *counts)
            first = 0.0
            for count in counts:
                printed = fresh(__file__, "prepare", tree, count, Path(folder) / "out")
                seconds, peak = map(float, printed.split())
                shown = f"{peak / first - 1:+.1%}" if first else ""
                first = first or peak
                worst = max(worst, abs(peak / first - 1))
                print(f"{label:<16}{count:>6}{seconds:>9.1f}{count / seconds * 60:>11.0f}"
                      f"{peak:>9.0f}{shown:>12}", flush=True)  # fmt: skip
    return int(worst >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
