"""Knowledge goes one way between the packages, and the contracts would notice if it did not."""

import os
import shutil
import subprocess
import sys

import pytest

from running import ROOT


def lint_imports(folder):
    return subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=folder, env={**os.environ, "PYTHONPATH": "src"}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


def test_contracts_are_kept():
    done = lint_imports(ROOT)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("armed/tasks/base.py", "import pandas"),
        ("armed/tasks/base.py", "from armed_study import job"),
        ("armed/methods/mldg.py", "from armed.methods import armed"),
        ("armed_study/splits/make_splits.py", "import snakemake"),
        ("armed_study/figures/style.py", "import torch"),
    ],
)
def test_an_import_the_wrong_way_is_noticed(tmp_path, module, line):
    caches = shutil.ignore_patterns("__pycache__")
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=caches)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    path = tmp_path / "src" / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint_imports(tmp_path)
    assert done.returncode != 0
    assert "BROKEN" in done.stdout
