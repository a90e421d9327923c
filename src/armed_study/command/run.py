"""`armed run`: the workflow with one configuration, in the folder of that, and its report."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

import armed_study
from armed.errors import ConfigError

SNAKEFILE = Path(armed_study.__file__).resolve().parents[2] / "workflow" / "Snakefile"
REPORT = "results/report.html"


def run(config: Path, cores: str, rest: Sequence[str]) -> int:
    """Run Snakemake, then let it build the report; returns its status, 0 if all went well.

    Parameters
    ----------
    config
        Results are written beside it, into ``results``.
    cores
        Processor cores: a number or ``all``.
    rest
        Further arguments, for the run and not for the report.

    Raises
    ------
    ConfigError
        If the configuration or the workflow is not there.
    """
    families = _families(read_config(config)["studies"])
    if not SNAKEFILE.is_file():
        raise ConfigError(
            f"found no workflow at {SNAKEFILE}, expected it beside the package, as in a clone of the "
            "repository; clone it and run the command of its .venv"
        )
    folder = config.resolve().parent
    base = [
        sys.executable, "-m", "snakemake", "--snakefile", str(SNAKEFILE), "--directory", str(folder),
        "--configfile", str(config.resolve()),
    ]  # fmt: skip
    # Where the default configuration lies, its studies would be run, too.
    targets = families if (folder / "config" / "config.yaml").exists() else []
    status = subprocess.run(
        [*base, "--cores", cores, *rest, "--", *targets], check=False
    ).returncode
    if status or any(word in rest for word in ("-n", "--dry-run", "--dryrun")):
        return status
    made = subprocess.run([*base, "--report", str(folder / REPORT), "--", *targets], check=False)
    if made.returncode == 0:
        print(f"The study is done; its report: {folder / REPORT}")
    return made.returncode


def read_config(config: Path) -> dict[str, Any]:
    """Read a configuration that names studies; `ConfigError` if it is not there or names none."""
    if not config.is_file():
        raise ConfigError(
            f"{config}: no such file, expected a configuration; write one by `armed init`"
        )
    try:
        content = yaml.safe_load(config.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(
            f"{config}: cannot be read as YAML ({str(error).splitlines()[0]}), expected a configuration "
            "as `armed init` writes it; correct it"
        ) from error
    studies = content.get("studies") if isinstance(content, dict) else None
    if not isinstance(studies, dict) or not studies:
        raise ConfigError(
            f"{config}: names no studies, expected a configuration as `armed init` writes it; correct it"
        )
    return content


def _families(studies: Mapping[str, Any]) -> list[str]:
    blocks = [block if isinstance(block, dict) else {} for block in studies.values()]
    return list(dict.fromkeys(str(block["family"]) for block in blocks if "family" in block))
