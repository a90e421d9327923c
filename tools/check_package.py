"""Build wheel and sdist, install the wheel in a fresh environment, and try it.

Downloads PyTorch (its pinned version), so it is no test; `make package` runs it.
"""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DIST = ROOT / "dist"

LIBRARY = """
import torch
import armed
from armed import Armed, ModelComponents, Samples, fit
names = [each.__name__ for each in (Armed, ModelComponents, Samples, fit)]
print("library:", armed.__version__, *names, torch.__version__)
"""
ESTIMATORS = """
import numpy as np
from armed.sklearn import ARMEDClassifier
rng = np.random.default_rng(0)
site = np.arange(400) % 8
x = rng.normal(size=(400, 3))
y = rng.random(400) < 1 / (1 + np.exp(-x[:, 0] - site / 4 + 1))
model = ARMEDClassifier(epochs=5, random_state=0).fit(x, y, clusters=site)
print("estimators:", model.predict_proba(x[:3], clusters=["1", "9", None]).shape)
"""


def start(*command: object, folder: Path | None = None) -> "subprocess.CompletedProcess[str]":
    """Run a command where this tree is not on Python's path: pip would find the package there."""
    bare = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    line = [*map(str, command)]
    return subprocess.run(line, capture_output=True, text=True, check=False, env=bare, cwd=folder)


def run(*command: object, folder: Path | None = None) -> str:
    """Run a command; return what it printed, or end with what it complained of."""
    done = start(*command, folder=folder)
    if done.returncode:
        sys.exit(
            f"{' '.join(map(str, command))} ended with {done.returncode}:\n{done.stderr[-3000:]}"
        )
    return done.stdout


def build() -> Path:
    """Build both distributions into dist/; return the wheel, which is made of the sdist."""
    for old in DIST.glob("armed_study-*"):
        old.unlink()
    code = f"from setuptools import build_meta; build_meta.build_sdist({str(DIST)!r})"
    run(sys.executable, "-c", code, folder=ROOT)
    (source,) = DIST.glob("*.tar.gz")
    run(
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        DIST,
        source,
    )
    (wheel,) = DIST.glob("*.whl")
    return wheel


def main() -> None:
    """Build, install and try."""
    wheel = build()
    print(f"built {wheel.name} and its sdist")
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = Path(folder) / "bin" / "python"
        pins = ROOT / "requirements" / "study.txt"
        run(python, "-m", "pip", "install", "-c", pins, wheel)
        print(run(python, "-c", LIBRARY).strip())
        options = ("--outcome", "y", "--cluster", "z")
        command = start(Path(folder) / "bin" / "armed", "init", "nowhere.csv", *options)
        print(f"armed, without the study's packages: {command.stderr.strip()}")
        run(python, "-m", "pip", "install", "-c", pins, f"{wheel}[sklearn]")
        print(run(python, "-c", ESTIMATORS).strip())


if __name__ == "__main__":
    main()
