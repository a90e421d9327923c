"""A method, network, baseline or kind of study is one new file or folder, and no edit elsewhere."""

import json
import shutil
import subprocess
import sys

import jsonschema
import pytest
import yaml

from running import ROOT, copy_tree, environment, jobs, snakemake, succeed, tiny_config, trained

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

    def losses(self, group, batch):
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
STUDY = {
    "__init__.py": '''
"""Two shifted normal distributions in each cluster."""

FIGURES = ("performance",)
METRICS = ("auroc", "balanced_accuracy")
RAW_RULE = "simulate_samples"


def raw_files(data):
    return ("samples.csv", "clusters.csv")


def user_files(data):
    return ()


def origin(data):
    return "generated data"


def data_settings(study, seed):
    return study["data"]
''',
    "settings.py": '''
"""The ``data`` block."""

from pydantic import Field

from armed_study.studies.blocks import Block


class Data(Block):
    """How samples are drawn."""

    clusters: int = Field(ge=2, description="Clusters.")
    samples: int = Field(default=40, ge=20, description="Samples of each.")
''',
    "prepare.py": '''
"""Draw and read the samples."""

import numpy as np
import pandas as pd

from armed_study.data.dataset import ClusteredDataset, Feature, Prepared

RAW = ("samples.csv", "clusters.csv")


def simulate(settings, seed):
    rng = np.random.default_rng(seed)
    cluster = np.repeat([f"c{k}" for k in range(settings["clusters"])], settings["samples"])
    y = np.arange(len(cluster)) % 2
    samples = {"cluster": cluster, "outcome": y, "x": rng.normal(size=len(y)) + y}
    return dict(zip(RAW, (pd.DataFrame(samples), pd.DataFrame({"cluster": cluster})), strict=True))


def prepare(study, settings, raw):
    table = pd.read_csv(raw["samples.csv"]).astype({"outcome": "float32", "cluster": str})
    table.insert(0, "sample", [f"s{n}" for n in range(len(table))])
    table.insert(2, "group", pd.Series(None, index=table.index, dtype=object))
    table["held_out"] = False
    dataset = ClusteredDataset(
        name=study, samples=table, features=(Feature("x", kind="continuous"),),
        origin="generated", generated=True,
    )
    truth = pd.DataFrame({"sample": [], "oracle": [], "oracle_no_cluster": []})
    values = pd.DataFrame({"cluster": [], "quantity": [], "value": []})
    display = table.loc[[], ["sample", "cluster", "x"]]
    return Prepared(dataset=dataset, truth=truth, cluster_truth=values, display=display)
''',
}  # fmt: skip
TRAINING = {"epochs": 2, "batch_size": 16}
NEW_STUDY = {
    "kind": "normals",
    "family": "normals",
    "title": "Normal distributions",
    "data": {"clusters": 3},
    "splits": {"folds": 2, "seeds": 1, "unseen": {"scheme": "none"}},
    "standardize": False,
    "network": {"kind": "even", "width": 4},
    "training": TRAINING,
    "membership": {"network": {"kind": "even", "width": 2}, "training": TRAINING},
    "models": {
        "scaled": {"scale": 3.0, "network": {"depth": 1}},
        "share": {},
    },
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """A copy of the tree with the new files, and a configuration that uses them."""
    folder = copy_tree(tmp_path_factory.mktemp("new"))
    for name in ("tests/contract", "tests/support", "tools"):
        shutil.copytree(ROOT / name, folder / name, dirs_exist_ok=True)
    new = {
        "src/armed/methods/scaled.py": METHOD,
        "src/armed_study/networks/even.py": NETWORK,
        "src/armed_study/baselines/share.py": BASELINE,
        **{f"src/armed_study/studies/normals/{name}": text for name, text in STUDY.items()},
    }
    for path, text in new.items():
        (folder / path).parent.mkdir(exist_ok=True)
        assert not (folder / path).exists()
        (folder / path).write_text(text.lstrip(), encoding="utf-8")
    write_config(folder, NEW_STUDY)
    return folder


def write_config(folder, study):
    content = {"seed": 1, "reference_model": "scaled", "studies": {"normals": study}}
    (folder / "config" / "config.yaml").write_text(yaml.safe_dump(content), encoding="utf-8")
    return content


def python(folder, *arguments):
    """Run Python in the copy, and return what it printed."""
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment(PYTHONPATH="src:."), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-4000:]
    return done.stdout


def test_study_of_new_files_is_planned(tree):
    planned = succeed("--dry-run", cwd=tree)
    assert set(trained(planned)) == {("normals", "scaled"), ("normals", "share")}
    assert {"simulate_samples", "prepare_dataset"} <= set(jobs(planned))
    assert "results/figures/normals/performance.svg" in planned
    assert "normals" in succeed("--list-target-rules", cwd=tree).split()


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (("models", "scaled", "scale"), -1.0, "models.scaled.scale: found -1.0, expected a number above 0"),
        (("models", "scaled", "network", "widht"), 2, "models.scaled.network: unknown key 'widht'"),
        (("data", "samples"), 2, "studies.normals.data.samples: found 2, expected at least 20"),
    ],
)  # fmt: skip
def test_wrong_settings_of_new_files_are_refused(tree, path, value, said):
    study = json.loads(json.dumps(NEW_STUDY))
    block = study
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value
    write_config(tree, study)
    run = snakemake("--dry-run", cwd=tree)
    content = write_config(tree, NEW_STUDY)
    assert run.returncode != 0
    assert said in run.stdout
    schema = yaml.safe_load(
        python(tree, "-c", "from tools import config_schema as s; print(s.text())")
    )
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid(content)
    assert validator.is_valid(tiny_config())
    assert not validator.is_valid({**content, "studies": {"normals": study}})


def test_new_method_passes_the_tests_of_all_methods(tree):
    printed = python(tree, "-m", "pytest", "-q", "-n", "0", "tests/contract", "-k", "scaled-dense")
    assert "passed" in printed


@pytest.mark.slow
def test_study_of_new_files_is_trained_and_drawn(tree):
    succeed("--cores", "2", "--", "normals", cwd=tree)
    table = (tree / "results/tables/normals/performance_table.csv").read_text(encoding="utf-8")
    assert "scaled" in table
