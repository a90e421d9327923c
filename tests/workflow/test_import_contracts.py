"""Knowledge goes one way between the packages, and the contracts would notice if it did not."""

import shutil

import pytest

from running import ROOT, python

LINT = ("-c", "from importlinter.cli import lint_imports_command as c; c()")
WRONG = {
    "armed/tasks/base.py": "import pandas\nfrom armed_study import job",
    "armed/methods/generalisation/mldg.py": "from armed.methods import armed",
    "armed_study/splits/make_splits.py": "import snakemake",
    "armed_study/figures/style.py": "import torch",
}
NOTICED = (
    "armed.tasks.base -> pandas",
    "armed.tasks.base -> armed_study.job",
    "armed.methods.generalisation.mldg -> armed.methods.armed",
    "armed_study.splits.make_splits -> snakemake",
    "armed_study.figures.style -> torch",
)


def test_contracts_are_kept():
    python(*LINT, cwd=ROOT, paths="src")


def test_each_import_the_wrong_way_is_noticed(tmp_path):
    shutil.copytree(ROOT / "src", tmp_path / "src", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    for module, lines in WRONG.items():
        with (tmp_path / "src" / module).open("a", encoding="utf-8") as file:
            file.write(f"\n{lines}\n")
    with pytest.raises(AssertionError) as broken:
        python(*LINT, cwd=tmp_path, paths="src")
    assert [line for line in NOTICED if line not in str(broken.value)] == []
