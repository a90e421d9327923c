"""Recipes of container images, Docker's and Apptainer's, written from the locks into ``containers/``.

``python -m tools.containers``, a part of ``make lock``, brings them up to date.
"""

import json
import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "containers"

HOME = "/opt/armed-study"  # of the tree within the image
LOCK = "requirements/study.txt"
# What the workflow is run by. The lock goes in before it, so that a change of code installs nothing again.
FILES = ("pyproject.toml", "README.md", "LICENSE", "CITATION.cff")
FOLDERS = ("config", "envs", "src", "workflow")
LIBRARIES = "libgomp1"  # asked for by the wheel of gpboost, not in the image of Python
CPU = "https://download.pytorch.org/whl/cpu"

ENVIRONMENT = {
    "PYTHONPATH": f"{HOME}/workflow/loggers",  # for `--logger bar`
    "PYTHONNOUSERSITE": "1",  # packages of the user's own home are not those of the lock
}
# The configurations take any number of words, so another option has to end the list.
ENTRY = (
    "python", "-m", "snakemake", "--configfile", f"{HOME}/config/config.yaml", f"{HOME}/config/claims.yaml",
    "--snakefile", f"{HOME}/workflow/Snakefile",
)  # fmt: skip

HEAD = """\
# Made by "python -m tools.containers" from pyproject.toml and requirements/study.txt: change those.
# There was no container runtime to build it with; docs/cluster.md says what of it is tested.
"""


def docker() -> str:
    """Return the Dockerfile; it is built in the root of the repository."""
    copies = "\n".join(f"COPY {name} {name}" for name in FOLDERS)
    variables = " ".join(f"{name}={value}" for name, value in ENVIRONMENT.items())
    return f"""{HEAD}
FROM python:{_python()}-slim-bookworm
LABEL org.opencontainers.image.title="The ARMED study" \\
      org.opencontainers.image.version="{_version()}" \\
      org.opencontainers.image.licenses="MIT"

# The version is that of the image's Debian release.
# hadolint ignore=DL3008
RUN {_lines(*_system())}

# PyTorch without CUDA; with it: --build-arg TORCH_INDEX=https://pypi.org/simple
ARG TORCH_INDEX={CPU}
WORKDIR {HOME}
COPY {LOCK} {LOCK}
RUN {_lines(*_packages('"$TORCH_INDEX"'))}

COPY {" ".join(FILES)} ./
{copies}
RUN {_lines(*_study())}

# Any user may run it (--user "$(id -u):$(id -g)"), and writes to a folder mounted at /work.
RUN useradd --create-home --uid 1000 study && mkdir /work && chmod 1777 /work /home/study
ENV {variables} HOME=/home/study USER=study
USER 1000
WORKDIR /work
ENTRYPOINT {json.dumps(ENTRY)}
CMD {json.dumps(["--cores", "all", *_progress()])}
"""


def ignored() -> str:
    """Return what of the tree Docker is given: the files that the recipe copies."""
    taken = "".join(f"!{name}\n" for name in (LOCK, *FILES, *FOLDERS))
    return f"*\n{taken}**/__pycache__\n"


def apptainer() -> str:
    """Return the definition for Apptainer; it is built in the root of the repository."""
    files = "\n".join(f"    {name} {HOME}/{name}" for name in (LOCK, *FILES, *FOLDERS))
    steps = (*_system(), *_packages('"{{ TORCH_INDEX }}"'), *_study())
    commands = "\n".join(f"    {step}" for step in steps)
    variables = "\n".join(f"    export {name}={value}" for name, value in ENVIRONMENT.items())
    default = " ".join(["--cores", "all", *_progress()])
    return f"""{HEAD}# Apptainer 1.2 or newer. PyTorch is without CUDA; with it: --build-arg TORCH_INDEX=https://pypi.org/simple

Bootstrap: docker
From: python:{_python()}-slim-bookworm

%labels
    org.opencontainers.image.title The ARMED study
    org.opencontainers.image.version {_version()}
    org.opencontainers.image.licenses MIT

%arguments
    TORCH_INDEX={CPU}

%files
{files}

%post
    set -e
    cd {HOME}
{commands}

%environment
{variables}

%runscript
    # In the folder where it is started: Apptainer mounts that, and runs as the user who started it.
    [ $# -gt 0 ] || set -- {default}
    exec {" ".join(ENTRY)} "$@"
"""


RECIPES = {"Dockerfile": docker, "Dockerfile.dockerignore": ignored, "armed.def": apptainer}


def _system() -> tuple[str, ...]:
    install = f"apt-get install -y --no-install-recommends {LIBRARIES}"
    return "apt-get update", install, "rm -rf /var/lib/apt/lists/*"


def _packages(index: str) -> tuple[str, ...]:
    """PyTorch of one index, then the lock, which finds it there and takes the rest of PyPI."""
    pip = "pip install --no-cache-dir"
    torch = re.search(r"^torch==\S+$", (ROOT / LOCK).read_text(encoding="utf-8"), re.M)
    assert torch, f"{LOCK} pins no torch"
    return f"{pip} --no-deps --index-url {index} {torch[0]}", f"{pip} -r {LOCK}"


def _study() -> tuple[str, ...]:
    """The packages of the tree, as `make install` has them, compiled: a user cannot write there."""
    install = "pip install --no-cache-dir --no-deps --no-build-isolation --editable ."
    return install, "python -m compileall -q src workflow/loggers"


def _lines(*steps: str) -> str:
    return " \\\n    && ".join(steps)


def _python() -> str:
    return str(_project()["tool"]["armed-study"]["conda"]["python"])


def _version() -> str:
    return str(_project()["project"]["version"])


def _project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _progress() -> tuple[str, ...]:
    """What `make study` gives Snakemake besides: the bar, and how often to look for jobs."""
    pace = re.search(r"^PACE := (\S+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert pace, "the Makefile sets no PACE"
    return "--logger", "bar", "--max-jobs-per-timespan", pace[1]


def main() -> None:
    """Bring the recipes up to date."""
    FOLDER.mkdir(exist_ok=True)
    for name, render in RECIPES.items():
        (FOLDER / name).write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
