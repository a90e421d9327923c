"""What Snakemake and the start of processes cost, over the rules' own work.

``python benchmarks/overhead.py [--cores 2] [--configfile FILE ...] [TARGET ...]`` runs the study from
nothing in a temporary folder (default: all of config/config.yaml, which takes as long as ``make study``).
Every process notes how long it took to begin, imports included, and how long it worked after
that; see watched/sitecustomize.py. The exit code is 1 if the overhead is more than 30 %.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BOUND = 0.30


def run(folder: Path, cores: int, configs: list[Path], targets: list[str]) -> float:
    """Run the workflow in a folder, every process watched; return seconds."""
    start = str(ROOT / "benchmarks" / "watched")
    watched = {**os.environ, "ARMED_WATCHED": str(folder / "watched.jsonl"), "PYTHONPATH": start}
    where = ["-s", str(ROOT / "workflow" / "Snakefile"), "--directory", str(folder)]
    profile = ["--configfile", *map(str, configs), "--cores", str(cores), "--quiet", "rules"]
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "snakemake", *where, *profile, "--", *targets],
        env=watched, cwd=folder, check=True,
    )  # fmt: skip
    return time.perf_counter() - began


def script_of(process: dict) -> str | None:
    """Name of the script of a job; None for Snakemake itself and for processes of a job."""
    name = Path(process["command"][-1]).name
    return name.partition(".")[2] if name.startswith("tmp") and name.endswith(".py") else None


def main() -> int:
    """Run, and print where time went."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--configfile", nargs="+", type=Path, default=[ROOT / "config/config.yaml"])
    parser.add_argument("--rows", type=int, default=12, help="scripts to list")
    parser.add_argument("targets", nargs="*", default=["all"])
    asked = parser.parse_args()
    configs = [path.resolve() for path in asked.configfile]
    with tempfile.TemporaryDirectory() as folder:
        wall = run(Path(folder), asked.cores, configs, asked.targets)
        lines = Path(folder, "watched.jsonl").read_text(encoding="utf-8").splitlines()
    processes = [json.loads(line) for line in lines]
    jobs = [process for process in processes if script_of(process)]
    (engine,) = (p for p in processes if "snakemake" in p["command"])
    startup = sum(job["startup"] for job in jobs)
    work = sum(job["total"] - job["startup"] for job in jobs)
    overhead = (startup + engine["processor"]) / work
    scripts: dict[str, list[dict]] = {}
    for job in jobs:
        scripts.setdefault(str(script_of(job)), []).append(job)
    rows = sorted(scripts.items(), key=lambda item: -sum(job["startup"] for job in item[1]))
    print(f"{'script':28} {'jobs':>5} {'start-up, s':>12} {'own work, s':>12}")
    for name, those in rows[: asked.rows]:
        begun = sum(job["startup"] for job in those)
        done = sum(job["total"] for job in those) - begun
        print(f"{name:28} {len(those):5d} {begun:12.1f} {done:12.1f}")
    print(f"{'all scripts':28} {len(jobs):5d} {startup:12.1f} {work:12.1f}")
    print(f"Snakemake itself: {engine['processor']:.1f} s of processor time")
    print(f"wall time {wall:.0f} s on {asked.cores} cores")
    print(f"overhead {100 * overhead:.1f} % of the rules' own work (bound: {100 * BOUND:.0f} %)")
    return int(overhead >= BOUND)


if __name__ == "__main__":
    sys.exit(main())
