"""What runs the workflow for users of conda and of a cluster: made once from the pins, and kept."""

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from running import ROOT

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "armed-study"


@dataclass(frozen=True)
class Driver:
    """An environment that holds Snakemake and nothing of the study, and a substitute for conda.

    Parameters
    ----------
    python
        Its Python.
    commands
        Folder with the substitute, to be put on PATH.
    """

    python: Path
    commands: Path

    @property
    def options(self) -> tuple[str, ...]:
        """Options by which each rule runs in its own environment."""
        return ("--sdm", "conda", "--conda-prefix", str(CACHE / "conda"))

    def path(self, *first: object) -> str:
        """PATH with the substitute, and with folders before it."""
        return os.pathsep.join([*map(str, first), str(self.commands), os.environ["PATH"]])


def driver(name: str, commands: Path) -> Driver:
    """Return the environment of ``requirements/{name}.txt``, and nothing else."""
    pins = ROOT / "requirements" / f"{name}.txt"
    made_of = pins.read_bytes() + sys.version.encode()
    folder = CACHE / f"{name}-{hashlib.sha256(made_of).hexdigest()[:12]}"
    python, done = folder / "bin" / "python", folder / "done"
    CACHE.mkdir(parents=True, exist_ok=True)
    with FileLock(f"{folder}.lock"):
        if not done.exists():
            shutil.rmtree(folder, ignore_errors=True)
            subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
            install = [str(python), "-m", "pip", "install", "--quiet", "--no-deps", "-r", str(pins)]
            subprocess.run(install, check=True)
            subprocess.run([str(python), "-m", "pip", "check"], check=True)
            done.touch()
    return Driver(python, commands)
