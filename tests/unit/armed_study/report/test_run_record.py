"""The record of a run: commit, versions, sizes of studies, costs; and that all of it is in one table."""

import subprocess

import numpy as np
import pandas as pd
import pytest

from armed_study.report import run_record, surroundings

STUDY = {"title": "A", "kind": "table", "data": "generated data"}
STUDY |= {"models": 3, "networks": 2, "seeds": 5}


def git(folder, *arguments):
    author = ("-c", "user.name=n", "-c", "user.email=e@example.org", "-c", "commit.gpgsign=false")
    command = ["git", *author, *arguments]
    run = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return run.stdout.strip()


@pytest.fixture
def tree(tmp_path):
    """A repository with a module and a file that git does not track."""
    module = tmp_path / "src" / "armed_study" / "__init__.py"
    module.parent.mkdir(parents=True)
    module.touch()
    git(tmp_path, "init")
    git(tmp_path, "add", "-A")
    git(tmp_path, "commit", "-m", "first")
    return tmp_path


def test_commit_is_that_checked_out_with_changed_code_but_no_results(tree):
    assert surroundings.commit(tree) == git(tree, "rev-parse", "HEAD")
    assert surroundings.changes(tree) == "none"
    (tree / "results").mkdir()
    (tree / "results" / "table.csv").touch()
    assert surroundings.changes(tree) == "none"
    (tree / "src" / "armed_study" / "__init__.py").write_text("x = 1\n")
    (tree / "config").mkdir()
    (tree / "config" / "mine.yaml").touch()
    assert surroundings.changes(tree) == "'src/armed_study/__init__.py', 'config/'"


def test_commit_is_unknown_where_the_code_is_no_part_of_a_repository(tree, monkeypatch):
    copy = tree / "copy"
    (copy / "src" / "armed_study").mkdir(parents=True)
    (copy / "src" / "armed_study" / "__init__.py").touch()
    assert (surroundings.commit(copy), surroundings.changes(copy)) == ("unknown", "unknown")
    monkeypatch.setenv("PATH", "")
    assert (surroundings.commit(tree), surroundings.changes(tree)) == ("unknown", "unknown")


def test_machine_tells_something_of_everything():
    found = surroundings.machine()
    assert list(found) == ["Operating system", "Processor", "Cores", "Memory", "GPU"]
    assert all(found.values())
    assert int(found["Cores"]) > 0


def write_pins(root, **environments):
    (root / "envs").mkdir(exist_ok=True)
    for name, pins in environments.items():
        lines = "\n".join(f"      - {pin}" for pin in pins)
        text = f"# {name}\ndependencies:\n  - python=3.11.14\n  - pip:\n{lines}\n"
        (root / "envs" / f"{name}.yaml").write_text(text)


def test_packages_are_those_asked_for_or_without_a_project_all_pinned(tmp_path):
    write_pins(tmp_path, one=("numpy==2.0.1", "six==1.0"))
    assert surroundings.packages(tmp_path)["package"].tolist() == ["numpy", "python", "six"]
    assert surroundings.workflow_version(tmp_path) == "unknown"
    write_pins(tmp_path, two=("numpy==2.0.2", "absent-one==3.1"))
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nversion = "4.5"\n[project.optional-dependencies]\n'
        'one = ["numpy>=1"]\ntwo = ["numpy", "absent-one[extra]"]\n'
    )
    table = surroundings.packages(tmp_path)
    rows = table[["package", "pinned", "environments"]].to_numpy().tolist()
    assert rows == [
        ["absent-one", "3.1", "two"], ["numpy", "2.0.1", "one"], ["numpy", "2.0.2", "two"],
        ["python", "3.11.14", "one, two"],
    ]  # fmt: skip
    installed = table.set_index("package")["installed"]
    assert pd.isna(installed["absent-one"])
    assert set(installed["numpy"]) == {np.__version__}
    assert surroundings.workflow_version(tmp_path) == "4.5"


def test_every_package_that_an_environment_asks_for_has_a_pin():
    table = surroundings.packages(run_record.ROOT)
    assert {"numpy", "torch", "antspyx", "python"} <= set(table["package"])
    assert not table["package"].duplicated().any()


@pytest.mark.parametrize(
    ("clusters", "unseen", "sizes"),
    [("xxyyzz", ("ef", "ef"), (4, 2, 2, 1)), ("xxyy", ("cd", "ab"), (4, 2, 4, 2))],
    ids=["the same left out of all folds", "left out in turn: both seen and unseen"],
)
def test_sizes_of_a_study_are_of_samples_and_not_of_rows(clusters, unseen, sizes):
    names = list("abcdef")[: len(clusters)]
    samples = pd.DataFrame({"sample": names, "cluster": list(clusters)})
    rows = [(fold, name, "unseen" if name in left_out else "train")
            for fold, left_out in enumerate(unseen) for name in names]  # fmt: skip
    dealt = pd.DataFrame(rows, columns=["fold", "sample", "partition"])
    (row,) = run_record.of_studies({"s": STUDY}, [samples], [dealt]).to_dict("records")
    found = (f"{part}_{what}" for part in ("seen", "unseen") for what in ("samples", "clusters"))
    assert tuple(row[name] for name in found) == sizes
    assert (row["folds"], row["seeds"], row["replicas"]) == (2, 5, 20)


def test_jobs_are_summed_and_memory_is_that_of_the_largest():
    costs = pd.DataFrame({"jobs": [2, 1], "seconds": [90.0, 30.0], "peak_megabytes": [500.0, None]})
    items = run_record.taken(costs)
    assert items["Wall time, summed over jobs"] == "2.0 min (3 jobs)"
    assert items["Highest memory of a job"] == "500 MB"
    unmeasured = run_record.taken(costs[1:])
    assert unmeasured["Highest memory of a job"] == "not measured"


def test_tidy_table_has_a_row_for_every_cell():
    one = pd.DataFrame({"item": ["seed"], "value": ["7"]})
    two = pd.DataFrame({"rule": ["a", "b"], "jobs": [1, 2], "seconds": [0.5, 1.5]})
    rows = run_record.tidy({"Run": one, "Rules": two}).to_numpy().tolist()
    assert rows == [
        ["Run", "seed", "value", "7"],
        ["Rules", "a", "jobs", 1], ["Rules", "b", "jobs", 2],
        ["Rules", "a", "seconds", 0.5], ["Rules", "b", "seconds", 1.5],
    ]  # fmt: skip
