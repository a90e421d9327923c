"""How far from its true place the slice's point is found in generated heads.

``python benchmarks/registration.py [--scans 24] [--voxel 2] [--grid 3] [--syn] [--seed 1]``

Simulated heads, in a random pose, bent, ill and old by known amounts, as scanners
of three manufacturers show them. Each is prepared as in a study; the point found is compared with where
the hippocampus point of the template truly lies. The exit code is 1 if fewer than 95 % of the heads
are under 4 mm by the affine.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from numpy.linalg import norm

from armed_study.simulation.mri import MriSettings as Sizes
from armed_study.simulation.mri import carry, write_tree
from armed_study.studies.ad_mri.prepare_scan import prepare_scan
from armed_study.studies.ad_mri.preprocessing.settings import MriSettings
from armed_study.studies.ad_mri.scans.bids import find_scans

BOUND_MM, SHARE = 4.0, 0.95


def sizes(scans: int, voxel: int) -> Sizes:
    """Of a tree with that many heads, from four seen sites, one scan of each subject."""
    return Sizes(
        sites_ge=2,
        sites_other=2,
        sites_unseen=0,
        subjects_seen_per_site=-(-scans // 4),
        fewest_per_diagnosis=1,
        second_session_every=0,
        voxel_mm=voxel,
        derivatives=False,
    )


def errors(tree: Path, made: Sizes, seed: int, settings: MriSettings) -> np.ndarray:
    """Distance (mm) of the point found from the true one, and along y, (scans, 2)."""
    found = []
    point = np.array(settings.point_mm)[:, None]
    for scan in find_scans(tree):
        row = prepare_scan(scan, settings).row
        place = np.array([row.get(f"point_{axis}", np.inf) for axis in "xyz"])
        away = place - carry(made, seed, scan.sample, point)[:, 0]
        found.append((norm(away), abs(away[1])))
    return np.array(found)


def main() -> int:
    """Print a line for each transform."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    for option, default in (("scans", 24), ("voxel", 2), ("grid", 3), ("seed", 1)):
        parser.add_argument(f"--{option}", type=int, default=default)
    parser.add_argument("--syn", action="store_true", help="by SyN too")
    given = parser.parse_args()
    made = sizes(given.scans, given.voxel)
    print(f"{'transform':<10}{'scans':>6}{'median mm':>11}{'95th pct':>10}{'highest':>9}"
          f"{'under 4 mm':>12}{'median y mm':>13}{'s a scan':>10}")  # fmt: skip
    shares = {}
    with tempfile.TemporaryDirectory() as folder:
        write_tree(Path(folder), made, given.seed)
        for transform in ("affine", "syn") if given.syn else ("affine",):
            start = time.process_time()
            settings = MriSettings(size=48, grid_mm=given.grid, transform=transform)
            far, along_y = errors(Path(folder), made, given.seed, settings).T
            spent = (time.process_time() - start) / len(far)
            shares[transform] = float(np.mean(far < BOUND_MM))
            print(f"{transform:<10}{len(far):>6}{np.median(far):>11.2f}"
                  f"{np.percentile(far, 95):>10.2f}{far.max():>9.2f}{shares[transform]:>12.0%}"
                  f"{np.median(along_y):>13.2f}{spent:>10.1f}", flush=True)  # fmt: skip
    return int(shares["affine"] < SHARE)


if __name__ == "__main__":
    sys.exit(main())
