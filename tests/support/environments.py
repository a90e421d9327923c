"""What runs the workflow for users of conda and of a cluster: made once from the pins, and kept."""

import hashlib
import os
import sys
from pathlib import Path
from typing import NamedTuple

from filelock import FileLock

import fake_conda
from running import ROOT

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "armed-study"


class Driver(NamedTuple):
    """Python of an environment of Snakemake alone, and a folder with a substitute for conda."""

    python: Path
    commands: Path
    # by which each rule runs in its own environment
    options: tuple[str, ...] = ("--sdm", "conda", "--conda-prefix", str(CACHE / "conda"))

    def path(self, *first: object) -> str:
        """PATH with the substitute, and with folders before it."""
        return os.pathsep.join([*map(str, first), str(self.commands), os.environ["PATH"]])


def driver(name: str, commands: Path) -> Driver:
    """Return the environment of ``requirements/{name}.txt``, and nothing else."""
    pins = ROOT / "requirements" / f"{name}.txt"
    made_of = pins.read_bytes() + sys.version.encode()
    folder = CACHE / f"{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"
    done = folder / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            fake_conda.make_venv(folder, pins)
            done.touch()
    return Driver(folder / "bin" / "python", commands)
