"""A finished run exported as an RO-Crate: what is in it is what was made, and it can run again."""

import json
import zipfile
from hashlib import sha256

import pytest
import yaml

from armed_study.config import checks, planning
from running import TINY_TABLE, jobs, succeed, tiny_config

pytestmark = pytest.mark.slow

PLANNED = planning.plan(checks.read(tiny_config()))


@pytest.fixture(scope="module")
def crate(exported):
    with zipfile.ZipFile(exported / "results" / "crate.zip") as archive:
        yield archive


@pytest.fixture(scope="module")
def entities(crate):
    """What the crate tells of each thing, by its identifier."""
    graph = json.loads(crate.read("ro-crate-metadata.json"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_export_makes_nothing_else_again(exported):
    printed = (exported / "printed.txt").read_text(encoding="utf-8")
    assert jobs(printed) == {"export_crate": 1}


def test_files_are_those_of_the_run_by_size_and_hash(crate, entities, exported):
    results = [entities[given["@id"]] for given in entities["#run"]["result"]]
    assert len(results) > 200
    for told in results:
        made = (exported / told["@id"]).read_bytes()
        assert crate.read(told["@id"]) == made
        assert told["sha256"] == sha256(made).hexdigest()
        assert told["contentSize"] == str(len(made))


def test_every_figure_and_table_that_is_planned_is_in_it(crate):
    held = set(crate.namelist())
    for study, planned in PLANNED.items():
        assert {f"results/figures/{study}/{figure}.svg" for figure in planned.figures} <= held
        assert {f"results/tables/{study}/{figure}.csv" for figure in planned.figures} <= held
        assert f"results/tables/{study}/summary.csv" in held
    assert {
        "results/paper.html",
        "results/tables/claims.csv",
        "results/tables/provenance.csv",
    } <= held
    assert "results/benchmarks/costs.csv" in held


def test_nothing_is_held_twice_and_no_cache_is(crate):
    names = crate.namelist()
    assert len(names) == len(set(names))
    assert [name for name in names if "__pycache__" in name or "/." in name] == []


def test_generated_data_are_said_to_be_and_real_ones_not(entities):
    for study, planned in PLANNED.items():
        told = entities[f"#data-{study}"]
        assert told["value"] == planned.origin
        assert ("Generated data" in told["description"]) == planned.generated
        figure = entities[f"results/figures/{study}/performance.svg"]
        assert figure["about"] == {"@id": told["@id"]}
        assert figure["description"].endswith(f"Of {planned.origin}.")


def test_run_can_be_planned_from_what_the_crate_holds(crate, tmp_path):
    crate.extractall(tmp_path)
    (tmp_path / TINY_TABLE.name).write_bytes(TINY_TABLE.read_bytes())
    written = yaml.safe_load((tmp_path / "config" / "config.yaml").read_text(encoding="utf-8"))
    assert written == tiny_config()
    planned = succeed("-n", "--forceall", cwd=tmp_path)
    assert jobs(planned)["train_model"] == sum(len(s.trained_models) for s in PLANNED.values())
