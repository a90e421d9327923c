"""Stands in for conda where no channel can be reached: environments from their ``pip:`` pins alone.

`install` writes a folder with ``bin/conda`` and ``bin/activate``, which answer what Snakemake asks of
conda. ``conda env create`` makes a venv that holds nothing but what the file pins for pip, each package
without its dependencies, and has pip check that none is missing. So ``snakemake --sdm conda`` goes its
own way from the file of an environment to the job that runs in it. What conda-forge would give, Python
and pip, is not looked at: Python is the one that runs this.
"""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

CONDA = """\
#!/bin/sh
exec "{python}" "{program}" "{base}" "$@"
"""
ACTIVATE = """\
export CONDA_PREFIX="$1"
export PATH="$1/bin:$PATH"
"""


def install(base: Path) -> Path:
    """Write the commands into ``base``; return the folder to put on PATH."""
    folder = base / "bin"
    folder.mkdir(parents=True)
    command = folder / "conda"
    command.write_text(CONDA.format(python=sys.executable, program=__file__, base=base))
    command.chmod(0o755)
    (folder / "activate").write_text(ACTIVATE)
    return folder


def create(file: Path, prefix: Path) -> None:
    """Make a venv from the pins of an environment's file."""
    import yaml

    environment = yaml.safe_load(file.read_text(encoding="utf-8"))
    (pins,) = (item["pip"] for item in environment["dependencies"] if isinstance(item, dict))
    with tempfile.TemporaryDirectory() as folder:
        wanted = Path(folder, "pins.txt")
        wanted.write_text("\n".join(pins), encoding="utf-8")
        make_venv(prefix, wanted)


def make_venv(folder: Path, pins: Path) -> None:
    """Make a venv that holds what a file pins; pip checks that no package misses another."""
    subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
    pip = [str(folder / "bin" / "python"), "-m", "pip", "--disable-pip-version-check"]
    options = ["--quiet", "--no-deps", "--no-cache-dir"]
    subprocess.run([*pip, "install", *options, "-r", str(pins)], check=True)
    subprocess.run([*pip, "check"], check=True)


def main(base: str, *request: str) -> int:
    """Answer a command of conda."""
    if request == ("--version",):
        print("conda 99.0.0")
    elif request == ("info", "--json"):
        print(json.dumps({"conda_prefix": base, "platform": "linux-64"}))
    elif request == ("config", "--get", "channel_priority", "--json"):
        print(json.dumps({"get": {"channel_priority": "strict"}}))
    elif request[:2] == ("env", "create"):
        option = {name: request[request.index(name) + 1] for name in ("--file", "--prefix")}
        create(Path(option["--file"]), Path(option["--prefix"]))
    elif request[:1] != ("clean",):  # there is nothing to clean
        print(f"requested 'conda {' '.join(request)}', which is not imitated", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    os.environ.pop("PYTHONPATH", None)
    sys.exit(main(*sys.argv[1:]))
