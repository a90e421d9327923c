"""Pin all packages again from pyproject.toml: ``make lock``, or ``make lock ARGS=--upgrade``.

Pins stay as they are where they fit pyproject.toml. All of the study is resolved once; what runs the
workflow and each conda environment get the versions of that, as few of them as they need. Arguments
are handed on to pip-compile.
"""

import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REQUIREMENTS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
EXTRAS = PROJECT["project"]["optional-dependencies"]
CONDA = PROJECT["tool"]["armed-study"]["conda"]

FILES = {  # what is pinned for pip, and from which extras
    "study": ("driver", "analysis", "images", "torch"),
    "dev": ("driver", "analysis", "images", "torch", "docs", "dev"),
    "driver": ("driver",),
    "slurm": ("driver", "slurm"),
    "validator": ("validator",),
}
ALONE = ("study", "validator")  # without the pins of the study
ENVIRONMENTS = ("analysis", "images", "torch")  # an extra of pyproject.toml, a file of envs/

COMPILE = (
    "--quiet", "--allow-unsafe", "--strip-extras", "--no-annotate", "--no-header",
    "--no-emit-options", "--no-emit-index-url", "--no-emit-trusted-host", "--no-emit-find-links",
)  # fmt: skip
NOT_KEPT = re.compile(r"nvidia-|cuda-|triton|pip=|#|$")  # what a CUDA build of torch brings along


def resolve(
    extras: tuple[str, ...], before: str, limits: Path | None, more: list[str]
) -> list[str]:
    """Pins of some extras: of ``before`` where they fit, within the pins of a file of ``limits``."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, pinned = Path(folder, "wanted.in"), Path(folder, "pinned.txt")
        wanted.write_text("\n".join(line for extra in extras for line in EXTRAS[extra]))
        pinned.write_text(before)
        within = ["--constraint", str(limits)] if limits else []
        command = [sys.executable, "-m", "piptools", "compile", *COMPILE, *more, *within]
        subprocess.run([*command, "--output-file", str(pinned), str(wanted)], check=True)
        lines = pinned.read_text(encoding="utf-8").splitlines()
    return [re.sub(r"\+[a-z0-9.]+$", "", line) for line in lines if not NOT_KEPT.match(line)]


def write_environment(path: Path, pins: list[str]) -> None:
    """Write a conda environment below the comment at its head.

    Python and pip are from conda-forge and everything else pip's, inline: Snakemake copies the file
    elsewhere, where it would find no second one.
    """
    comment = [line for line in path.read_text("utf-8").splitlines() if line.startswith("#")]
    python = [f"  - {name}={version}" for name, version in CONDA.items()]
    head = ["channels:", "  - conda-forge", "dependencies:", *python, "  - pip:"]
    lines = [*comment, *head, *(f"      - {pin}" for pin in pins)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(more: list[str]) -> None:
    """Pin all files."""
    study = REQUIREMENTS / "study.txt"
    for name, extras in FILES.items():
        path = REQUIREMENTS / f"{name}.txt"
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        pins = resolve(extras, before, None if name in ALONE else study, more)
        path.write_text("\n".join(['# Made from pyproject.toml by "make lock".', *pins, ""]))
    for name in ENVIRONMENTS:
        write_environment(ROOT / "envs" / f"{name}.yaml", resolve((name,), "", study, []))


if __name__ == "__main__":
    main(sys.argv[1:])
