"""The crate of an invented run: when it ran, by whom, of what data, and with which software."""

import json
import os
import zipfile

import pandas as pd
import pytest

from armed_study.report.crate import code, run_crate

FACTS = {
    "Version of the workflow": "9.8.7", "Commit of the code": "abc", "Operating system": "Debian",
    "Processor": "x", "Cores": "2", "Memory": "1 GiB", "GPU": "none found",
    "Changed since that commit": "none",
}  # fmt: skip
PACKAGES = [("numpy", "pinned", "2.0"), ("numpy", "installed", "2.1"), ("torch", "pinned", "3.0"),
            ("torch", "installed", None)]  # fmt: skip
STUDIES = {
    "toy": {"title": "Toy", "data": "generated data", "generated": True},
    "clinics": {"title": "Clinics", "data": "the table of four clinics", "generated": False},
}
NOON = pd.Timestamp("2026-03-01T12:00:00+00:00").timestamp()


def write(path, text, minutes=0):
    """Write a file as if that many minutes after noon."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    os.utime(path, (NOON + 60 * minutes,) * 2)
    return str(path)


@pytest.fixture
def given(tmp_path):
    results = tmp_path / "results"
    rows = [("Run", item, "value", value) for item, value in FACTS.items()]
    rows += [("Packages", *row) for row in PACKAGES]
    record = pd.DataFrame(rows, columns=["section", "item", "property", "value"])
    findings = "study,figure,shows\ntoy,performance,ARMED is ahead.\n"
    return {
        "results": [
            write(results / "tables" / "toy" / "performance.csv", "a\n1\n", 2),
            write(results / "figures" / "toy" / "performance.svg", "<svg/>", 5),
            write(results / "figures" / "clinics" / "performance.svg", "<svg></svg>", 4),
            write(results / "tables" / "findings.csv", findings, 1),
            write(tmp_path / "elsewhere" / "costs.csv", "b\n", 1),
        ],
        "benchmarks": [
            write(tmp_path / "elsewhere" / "one.tsv", "s\n60.0\n", 1),
            write(tmp_path / "elsewhere" / "two.tsv", "s\n600.0\n", 3),
        ],
        "record": write(results / "tables" / "provenance.csv", record.to_csv(index=False), 1),
    }


@pytest.fixture
def tree(tmp_path):
    for name in ("workflow/Snakefile", "workflow/rules/a.smk", "src/a.py", "envs/b.yaml"):
        write(tmp_path / "tree" / name, name)
    write(tmp_path / "tree" / "pyproject.toml", "[project]")
    write(tmp_path / "tree" / "src" / "__pycache__" / "a.pyc", "")
    return tmp_path / "tree"


@pytest.fixture
def pack(given, tree, tmp_path):
    """Function that packs the run and gives its archive and what it tells, by identifier."""

    def packed(**configuration):
        folder = tmp_path / "copy"
        folder.mkdir()
        made = run_crate.make(
            given, tree=code.copy(tree, folder), root=tmp_path / "results", studies=STUDIES,
            configuration={"seed": 7, **configuration}, snakemake_version="9.1",
        )  # fmt: skip
        archive = zipfile.ZipFile(made.write_zip(tmp_path / "crate.zip"))
        graph = json.loads(archive.read("ro-crate-metadata.json"))["@graph"]
        return archive, {entity["@id"]: entity for entity in graph}

    return packed


def test_run_lasts_from_the_start_of_the_first_job_to_the_last_file(pack):
    _, told = pack()
    assert told["#run"]["startTime"] == "2026-03-01T11:53:00+00:00"  # of the job of ten minutes
    assert told["#run"]["endTime"] == "2026-03-01T12:05:00+00:00"


def test_figure_says_what_it_shows_and_of_what_data(pack):
    _, told = pack()
    figure = told["results/figures/toy/performance.svg"]
    assert figure["name"] == "Toy: performance (figure)"
    assert figure["description"] == "ARMED is ahead. Of generated data."
    assert "Generated data" in told[figure["about"]["@id"]]["description"]
    real = told["results/figures/clinics/performance.svg"]
    assert real["description"] == "Of the table of four clinics."
    assert "not in this crate" in told[real["about"]["@id"]]["description"]


def test_file_from_elsewhere_lies_with_the_results(pack):
    archive, told = pack()
    assert archive.read("results/costs.csv") == b"b\n"
    assert "about" not in told["results/costs.csv"]


def test_software_has_the_installed_version_or_else_the_pinned_one(pack):
    _, told = pack()
    assert told["https://pypi.org/project/numpy/"]["softwareVersion"] == "2.1"
    assert told["https://pypi.org/project/torch/"]["softwareVersion"] == "3.0"
    assert told["https://pypi.org/project/snakemake/"]["softwareVersion"] == "9.1"
    assert told["workflow/Snakefile"]["version"] == "9.8.7, commit abc"


def test_who_ran_it_is_named_as_the_configuration_does_or_not_at_all(pack):
    _, told = pack()
    assert "agent" not in told["#run"]


def test_agent_is_a_person_by_orcid_and_author_of_the_crate(pack):
    orcid = "https://orcid.org/0000-0000-0000-0000"
    _, told = pack(agent={"name": "Ada", "orcid": orcid, "affiliation": "Home"})
    assert told["#run"]["agent"] == told["./"]["author"] == {"@id": orcid}
    assert told[orcid]["name"] == "Ada"
    assert told[told[orcid]["affiliation"]["@id"]]["name"] == "Home"


def test_code_is_held_once_without_caches(pack):
    archive, _ = pack()
    held = [name for name in archive.namelist() if name.split("/")[0] in code.FOLDERS]
    expected = ["envs/b.yaml", "src/a.py", "workflow/Snakefile", "workflow/rules/a.smk"]
    assert sorted(held) == expected


def test_workflow_is_the_main_entity_and_the_paper_is_cited(pack):
    _, told = pack()
    assert told["./"]["mainEntity"] == told["#run"]["instrument"] == {"@id": "workflow/Snakefile"}
    assert told[told["./"]["citation"]["@id"]]["@type"] == "ScholarlyArticle"
    assert told["./"]["license"] == told["workflow/Snakefile"]["license"]
