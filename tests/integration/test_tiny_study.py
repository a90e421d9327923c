"""The whole study, in small: what it writes, and that it does not depend on how it was run."""

import re
import zipfile
from collections import Counter

import pandas as pd
import pytest

from armed_study.config import checks, effects, planning
from running import OFFLINE, ROOT, TINY_FILES, python, succeed, tables_of, tiny_config

pytestmark = pytest.mark.slow

STUDIES = tiny_config()["studies"]
PLANNED = planning.plan(checks.read(tiny_config()))
MAIN = (
    "performance_table.csv", "summary.csv", "comparisons.csv", "random_effects.csv",
    "cluster_in_features.csv", "decomposition.csv", "variance_components.csv", "icc_r2.csv",
)  # fmt: skip


def table(folder, study, name):
    return pd.read_csv(folder / "results" / "tables" / study / name)


@pytest.mark.parametrize("study", STUDIES)
def test_every_table_and_figure_is_written(finished, study):
    tables = set(tables_of(finished))
    assert {f"{study}/{name}" for name in MAIN} <= tables
    assert (f"{study}/split_null.csv" in tables) == PLANNED[study].balanced
    for figure in PLANNED[study].figures:
        assert f"{study}/{figure}.csv" in tables
        for suffix in ("svg", "png"):
            path = finished / "results" / "figures" / study / f"{figure}.{suffix}"
            assert path.stat().st_size > 1000


@pytest.mark.parametrize("study", STUDIES)
def test_every_model_is_judged_on_seen_and_unseen_clusters(finished, study):
    summary = table(finished, study, "summary.csv")
    expected = set(STUDIES[study]["models"])
    if STUDIES[study]["kind"] not in ("table", "images"):  # generated, so the truth is known
        expected |= {"oracle", "oracle_no_cluster"}
    for partition in ("test", "unseen"):
        rows = summary[(summary["partition"] == partition) & (summary["metric"] == "auroc")]
        assert set(rows["model"]) == expected
    assert summary.loc[summary["metric"] == "auroc", "mean"].between(0, 1).all()


@pytest.mark.parametrize("study", STUDIES)
def test_reference_is_compared_with_every_other_model(finished, study):
    compared = table(finished, study, "comparisons.csv")
    assert set(compared["reference"]) == {"armed"}
    assert set(compared["model"]) >= set(STUDIES[study]["models"]) - {"armed"}


def test_claims_are_judged_by_the_tables_of_the_run(finished):
    judged = pd.read_csv(finished / "results" / "tables" / "claims.csv").set_index("claim")
    compared = table(finished, "tiny_spirals", "comparisons.csv").query(
        "partition == 'test' and metric == 'accuracy' and model == 'conventional'"
    )
    assert judged.loc["better", "value"] == -compared["difference"].item()
    assert judged.loc["better", "kind"] == "generated"
    assert judged.loc["elsewhere", "verdict"] == "not tested"


def test_paper_has_every_study_and_its_figures_and_tables_are_there(finished):
    results = finished / "results"
    text = (results / "paper.md").read_text("utf-8")
    assert [study for study in STUDIES.values() if f"### {study['title']}" not in text] == []
    linked = re.findall(r"\]\(((?:figures|tables)/[^)]+)\)", text)
    assert len(linked) > 2 * len(STUDIES)
    assert [path for path in linked if not (results / path).is_file()] == []
    shown = pd.read_csv(results / "tables" / "findings.csv")
    assert shown.loc[shown["figure"] == "performance", "shows"].str.contains("ARMED").all()


def test_effects_of_known_variance_are_tabulated_and_drawn(finished):
    documented = table(finished, "effects", "documented.csv")
    assert documented["rows"].max() <= tiny_config()["effects"]["documented"]["most_rows"]
    assert documented["difference"].abs().max() < 0.01
    grid = table(finished, "effects", "grid.csv")
    assert set(grid["model"]) == {"conventional", "armed", "mixed_model", "oracle"}
    assert set(grid["replicates"]) == {2}
    for figure in effects.FIGURES:
        path = finished / "results" / "figures" / "effects" / f"{figure}.svg"
        assert path.stat().st_size > 1000


@pytest.mark.parametrize("study", STUDIES)
def test_models_that_estimate_variances_have_components_and_shares(finished, study):
    variances, shares = (table(finished, study, name) for name in MAIN[-2:])
    estimate = {"armed", "lmmnn", "menet", "glmm"} & set(STUDIES[study]["models"])
    if STUDIES[study].get("protocol") == "published":  # where gradients move the effects of ARMED
        estimate -= {"armed"}
    intercepts = variances[variances["term"] == "sd__intercept"]
    assert set(intercepts["model"]) >= estimate - {"menet"}
    assert (intercepts["low"] <= intercepts["high"]).all()
    assert set(shares["model"]) >= estimate
    icc = shares[shares["term"] == "ICC_adjusted"]
    assert icc["mean"].between(0, 1).all()


def test_variances_and_effects_of_every_cluster_factor_are_tabulated(finished):
    variances, shares = (table(finished, "tiny_table", name) for name in MAIN[-2:])
    effects = table(finished, "tiny_table", "random_effects.csv")
    groups = variances.loc[variances["model"] == "armed", "group"]
    assert list(dict.fromkeys(groups)) == ["clinic", "clinic:nurse", "rater"]
    own = shares[shares["model"] == "armed"]
    assert set(own["group"].fillna("")) == {"", "clinic", "clinic:nurse", "rater"}
    raters = effects[(effects["model"] == "armed") & (effects["effect"] == "intercept | rater")]
    assert set(raters["cluster"]) == set("abcd")


def test_oracle_is_no_worse_than_any_model(finished):
    summary = table(finished, "tiny_spirals", "summary.csv")
    rows = summary[(summary["metric"] == "auroc") & (summary["partition"] == "unseen")]
    best = rows.groupby("model")["mean"].max()
    assert best["oracle"] == best.max()


def test_results_are_all_that_a_run_leaves(finished):
    made = {path.name for path in finished.iterdir()}
    copied = {"config", "envs", "pyproject.toml", "src", "workflow", *TINY_FILES}
    assert made == {".snakemake", "results", *copied}
    assert list(finished.rglob("*.part")) == []


def test_logs_are_one_file_a_job(finished):
    logs = finished / "results" / "logs"
    assert (logs / "tiny_spirals" / "armed" / "1-of-1.log").is_file()
    assert "replicas" in (logs / "tiny_spirals" / "armed" / "1-of-1.log").read_text("utf-8")


def test_report_as_an_archive_holds_every_figure_and_table(finished, tmp_path):
    path = tmp_path / "report.zip"
    succeed("--report", path, cwd=finished)
    with zipfile.ZipFile(path) as archive:
        text = archive.read("report/report.html").decode("utf-8")
        held = Counter(name.rpartition("/")[2] for name in archive.namelist())
    for study, planned in PLANNED.items():
        for figure in planned.figures:
            assert f"results/figures/{study}/{figure}.svg" in text
        assert f"results/tables/{study}/performance_table.html" in text
    figures = Counter(f"{figure}.svg" for planned in PLANNED.values() for figure in planned.figures)
    assert {name: held[name] for name in figures} == figures


def test_whole_study_needs_no_network(tmp_path):
    """Nothing is downloaded: in `finished` every job has run where this fails, in a fork or not."""
    code = "import urllib.request; urllib.request.urlopen('http://192.0.2.1', timeout=1)"
    job = tmp_path / ".snakemake" / "scripts" / "job.py"
    job.parent.mkdir(parents=True)
    job.write_text(f"import sys; print('torch' in sys.modules)\n{code}", encoding="utf-8")
    closed = "the network is closed in this test"
    for arguments, said in (("-c", code), closed), ((job,), rf"True\n(.*\n)+.*{closed}"):
        with pytest.raises(AssertionError, match=said):
            python(*arguments, cwd=ROOT, paths=OFFLINE["PYTHONPATH"])
