"""Recipes of containers are those of the locks, and what they copy is enough to run the study."""

import json
import re
import shutil
import subprocess
import sys

import pytest
from tools import containers

from running import ROOT, environment, jobs

DOCKER = (containers.FOLDER / "Dockerfile").read_text(encoding="utf-8")
APPTAINER = (containers.FOLDER / "armed.def").read_text(encoding="utf-8")


def section(name):
    """Lines of a section of the definition for Apptainer."""
    return re.search(rf"^%{name}\n((?:    .*\n)+)", APPTAINER, re.M)[1].replace("\n    ", "\n")


@pytest.mark.parametrize("name", containers.RECIPES)
def test_recipe_is_that_of_the_locks(name):
    written = (containers.FOLDER / name).read_text(encoding="utf-8")
    assert containers.RECIPES[name]() == written, "run `python -m tools.containers`"


def test_recipe_follows_version_of_python_and_lock(monkeypatch, tmp_path):
    for name in ("pyproject.toml", "Makefile", containers.LOCK):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        text = (ROOT / name).read_text(encoding="utf-8")
        text = re.sub(r'^python = ".+"$', 'python = "3.99.1"', text, flags=re.M)
        text = re.sub(r"^torch==.+$", "torch==99.2", text, flags=re.M)
        (tmp_path / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(containers, "ROOT", tmp_path)
    for recipe in (containers.docker(), containers.apptainer()):
        assert "python:3.99.1-slim" in recipe
        assert re.search(r"pip install .* torch==99\.2\b", recipe)


def test_both_recipes_install_by_the_same_commands():
    run = " && ".join(re.findall(r"^RUN (.+)$", DOCKER.replace("\\\n", ""), re.M))
    steps = [" ".join(step.split()) for step in run.split(" && ")]
    steps = [step.replace("$TORCH_INDEX", "{{ TORCH_INDEX }}") for step in steps]
    assert [line for line in section("post").strip().splitlines()[2:] if line not in steps] == []
    assert set(re.findall(r"pip install.*", APPTAINER)) == {s for s in steps if "pip install" in s}


def copied(recipe):
    """Files and folders that a recipe takes from the repository."""
    if recipe == "Dockerfile":
        pairs = re.findall(r"^COPY (.+) (\S+)$", DOCKER, re.M)
        return {name for names, _ in pairs for name in names.split()}
    return {line.split()[0] for line in section("files").splitlines() if line.strip()}


def entry(recipe):
    """Command that a recipe starts, with what it is given where a user gives nothing."""
    if recipe == "Dockerfile":
        found = (re.search(rf"^{name} (.+)$", DOCKER, re.M)[1] for name in ("ENTRYPOINT", "CMD"))
        return [word for words in found for word in json.loads(words)]
    print_instead = section("runscript").replace("exec ", "printf '%s\\n' ")
    return subprocess.check_output(["sh", "-c", print_instead], text=True).split()


def test_both_recipes_copy_and_start_the_same():
    assert copied("armed.def") == copied("Dockerfile")
    assert entry("armed.def") == entry("Dockerfile")


def test_study_is_planned_by_what_recipes_copy_and_start(tmp_path):
    tree, work = tmp_path / "tree", tmp_path / "work"
    work.mkdir()
    for name in copied("Dockerfile"):
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        here = ROOT / name
        if here.is_dir():
            shutil.copytree(here, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(here, tree / name)
    line = [word.replace(containers.HOME, str(tree)) for word in entry("Dockerfile")]
    assert line[:3] == ["python", "-m", "snakemake"]
    paths = {name: value.replace(containers.HOME, str(tree))
             for name, value in containers.ENVIRONMENT.items()}  # fmt: skip
    made = subprocess.run([sys.executable, *line[1:], "--dry-run"], cwd=work, check=False, text=True,
                          env=environment(**paths), capture_output=True)  # fmt: skip
    assert made.returncode == 0, made.stderr
    assert jobs(made.stdout + made.stderr)["train_model"] > 50
    assert {path.name for path in work.iterdir()} <= {".snakemake"}
