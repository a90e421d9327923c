"""A method, network, baseline or kind of study is one new file or folder, and no edit elsewhere."""

import shutil

import jsonschema
import pytest
import yaml

from running import (
    OFFLINE,
    ROOT,
    changed,
    copy_tree,
    jobs,
    python,
    snakemake,
    succeed,
    tiny_config,
    trained,
)

METHOD = '''
"""The network alone, on a scaled loss."""

from __future__ import annotations

from dataclasses import dataclass, replace

from armed.losses import LossTerms
from armed.methods.conventional import Conventional


@dataclass(frozen=True)
class ScaledSettings:
    """Settings.

    Parameters
    ----------
    scale : float, above 0
        Scale of the loss.
    """

    scale: float = 2.0


class Scaled(Conventional):
    """``f`` alone, minimising ``s L(y, f(x))``."""

    Settings = ScaledSettings

    def losses(self, group, batch, outputs):
        """Scaled outcome loss."""
        terms = self.task.terms(self.network(batch.x), batch)
        return LossTerms(*(replace(term, weight=self.settings.scale * term.weight) for term in terms))


METHOD = Scaled
'''
NETWORK = '''
"""Dense network whose layers are all of one width."""

from armed_study.networks.mlp import MLP


class Even(MLP):
    """Layers of one width.

    Parameters
    ----------
    width : int, at least 1
        Width of each layer.
    depth : int, at least 1
        Number of layers.
    """

    def __init__(self, features, *, width: int, depth: int = 2, **given):
        super().__init__(features, hidden=(width,) * depth, **given)


NETWORK = Even
'''
BASELINE = '''
"""The prevalence by another name."""

from armed_study.baselines import prevalence

BASELINE = prevalence.BASELINE
'''
SPIRALS = tiny_config()["studies"]["tiny_spirals"]
NEW_STUDY = {
    **{key: SPIRALS[key] for key in ("data", "standardize", "training")},
    "splits": SPIRALS["splits"] | {"folds": 2, "seeds": 1},
    "kind": "swirls",
    "family": "swirls",
    "title": "Spirals by another name",
    "network": {"kind": "even", "width": 4},
    "membership": {"network": {"kind": "even", "width": 2}, "training": SPIRALS["training"]},
    "models": {"scaled": {"scale": 3.0, "network": {"depth": 1}}, "share": {}},
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with the new files, and a configuration that uses them."""
    folder = copy_tree(tmp_path_factory.mktemp("new"))
    for name in ("tests/contract", "tests/support", "tools"):
        shutil.copytree(ROOT / name, folder / name)
    new = {
        "src/armed/methods/scaled.py": METHOD,
        "src/armed_study/networks/even.py": NETWORK,
        "src/armed_study/baselines/share.py": BASELINE,
    }
    for path, text in new.items():
        assert not (folder / path).exists()
        (folder / path).write_text(text.lstrip(), encoding="utf-8")
    studies = folder / "src/armed_study/studies"
    shutil.copytree(studies / "spirals", studies / "swirls")
    with (studies / "swirls" / "__init__.py").open("a", encoding="utf-8") as file:
        file.write('FIGURES = ("performance",)\n')  # of those that do not name the kind
    write_config(folder, NEW_STUDY)
    return folder


def write_config(folder, study):
    content = {"seed": 1, "reference_model": "scaled", "studies": {"swirls": study}}
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return content


@pytest.fixture(scope="module")
def validator(tree):
    """Of the schema that the tools make in the copy."""
    printed = python("-c", "from tools import config_schema as s; print(s.text())", cwd=tree)
    return jsonschema.Draft202012Validator(yaml.safe_load(printed))


def test_study_of_new_files_is_planned(tree):
    planned = succeed("--dry-run", cwd=tree)
    assert set(trained(planned)) == {("swirls", "scaled"), ("swirls", "share")}
    assert {"simulate_samples", "prepare_dataset"} <= set(jobs(planned))
    assert "results/figures/swirls/performance.svg" in planned
    assert "swirls" in succeed("--list-target-rules", cwd=tree).split()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("models", "scaled", "scale"), -1.0, "models.scaled.scale: found -1.0, expected a number above 0"),
        (("models", "scaled", "network", "widht"), 2, "models.scaled.network: unknown key 'widht'"),
        (("data", "clusters"), 1, "studies.swirls.data.clusters: found 1, expected at least 2"),
    ],
)  # fmt: skip
def test_wrong_settings_of_new_files_are_refused(tree, validator, path, value, said):
    study = changed(NEW_STUDY, path, value)
    write_config(tree, study)
    run = snakemake("--dry-run", cwd=tree)
    content = write_config(tree, NEW_STUDY)
    assert run.returncode != 0
    assert said in run.stdout
    assert validator.is_valid(content)
    assert validator.is_valid(tiny_config())
    assert not validator.is_valid({**content, "studies": {"swirls": study}})


def test_new_method_passes_the_tests_of_all_methods(tree):
    tests = ("-q", "-n", "0", "tests/contract/test_methods.py", "-k", "scaled-dense")
    assert "passed" in python("-m", "pytest", *tests, cwd=tree)


@pytest.mark.slow
def test_study_of_new_files_is_trained_and_drawn(tree):
    succeed("--cores", "2", "--", "swirls", cwd=tree, **OFFLINE)
    table = (tree / "results/tables/swirls/performance_table.csv").read_text(encoding="utf-8")
    assert "scaled" in table
