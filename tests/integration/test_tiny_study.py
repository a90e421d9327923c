"""The whole study, in small: what it writes, that it does not depend on how it was run, and faults."""

import io
import os
import shutil
import signal
import subprocess
import time

import pandas as pd
import pytest

from armed_study import plans
from running import (
    command,
    copy_tree,
    environment,
    jobs,
    snakemake,
    succeed,
    tables_of,
    tiny_config,  # fmt: skip
)

pytestmark = pytest.mark.slow

STUDIES = tiny_config()["studies"]
MAIN = ("performance_table.csv", "summary.csv", "comparisons.csv", "random_effects.csv")


def table(folder, study, name):
    return pd.read_csv(io.BytesIO(tables_of(folder)[f"{study}/{name}"]))


@pytest.mark.parametrize("study", STUDIES)
def test_every_table_and_figure_is_written(finished, study):
    assert {f"{study}/{name}" for name in MAIN} <= set(tables_of(finished))
    for figure in plans.figures(STUDIES[study]):
        assert f"{study}/{figure}.csv" in tables_of(finished)
        for suffix in ("svg", "png"):
            path = finished / "results" / "figures" / study / f"{figure}.{suffix}"
            assert path.stat().st_size > 1000


@pytest.mark.parametrize("study", STUDIES)
def test_every_model_is_judged_on_seen_and_unseen_clusters(finished, study):
    summary = table(finished, study, "summary.csv")
    expected = set(STUDIES[study]["models"])
    if STUDIES[study]["kind"] != "table":  # generated, so the truth is known
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


def test_oracle_is_no_worse_than_any_model(finished):
    summary = table(finished, "tiny_spirals", "summary.csv")
    rows = summary[(summary["metric"] == "auroc") & (summary["partition"] == "unseen")]
    best = rows.groupby("model")["mean"].max()
    assert best["oracle"] == best.max()


def test_results_are_all_that_a_run_leaves(finished):
    made = {path.name for path in finished.iterdir()}
    copied = {"config", "envs", "pyproject.toml", "src", "tiny.csv", "workflow"}
    assert made == {".snakemake", "results", *copied}
    assert list(finished.rglob("*.part")) == []


def test_logs_are_one_file_a_job(finished):
    logs = finished / "results" / "logs"
    assert (logs / "tiny_spirals" / "armed" / "1-of-1.log").is_file()
    assert "replicas" in (logs / "tiny_spirals" / "armed" / "1-of-1.log").read_text("utf-8")


def test_tables_do_not_depend_on_cores_jobs_or_folder(finished, elsewhere):
    """Two cores, one job a model, one environment; or one core, two jobs, conda, another folder."""
    ours, others = tables_of(finished), tables_of(elsewhere)
    assert set(ours) == set(others)
    assert [name for name in ours if ours[name] != others[name]] == []


def test_run_elsewhere_leaves_the_workflow_alone(elsewhere):
    left = {path.name for path in elsewhere.iterdir()}
    assert left == {".snakemake", "printed.txt", "results", "tiny.csv"}


def test_report_holds_every_figure_and_table_in_one_file(finished, tmp_path):
    path = tmp_path / "report.html"
    succeed("--report", path, cwd=finished)
    text = path.read_text(encoding="utf-8")
    for study, settings in STUDIES.items():
        for figure in plans.figures(settings):
            assert f"results/figures/{study}/{figure}.svg" in text
        assert f"results/tables/{study}/performance_table.html" in text


KILLED = ("tiny_spirals", "tiny_mri")  # replicas as one computation, and images


def test_killed_run_is_completed_by_the_next_with_the_same_tables(finished, tmp_path):
    tree = copy_tree(tmp_path)
    run = subprocess.Popen(
        command("--cores", "2", "--", *KILLED), cwd=tree, env=environment(), start_new_session=True,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        done = tree / "results"
        deadline = time.monotonic() + 300
        while len(list(done.glob("*/*/1-of-1/model.safetensors"))) < 3:
            assert run.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < deadline
            time.sleep(0.2)
    finally:
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
    refused = snakemake("--cores", "2", "--", *KILLED, cwd=tree)
    assert refused.returncode != 0
    assert "--unlock" in refused.stdout
    succeed("--unlock", cwd=tree)
    resumed = succeed("--cores", "2", "--", *KILLED, cwd=tree)
    assert (
        0
        < jobs(resumed)["train_model"]
        < sum(len(plans.trained_models(STUDIES[s])) for s in KILLED)
    )
    assert tables_of(tree) == {
        name: content
        for name, content in tables_of(finished).items()
        if name.partition("/")[0] in KILLED
    }
    assert list(tree.rglob("*.part")) == []


# Python runs this at its start. In a training job no file may then grow beyond 4 kB, so that writing
# fails as on a full disk; Snakemake itself is spared.
FULL_DISK = """
import resource, signal, sys
if sys.orig_argv[-1].endswith("train_model.py"):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""


def test_full_disk_leaves_no_half_written_file_and_the_next_run_completes(finished, tmp_path):
    tree, start = tmp_path / "tree", tmp_path / "start"
    shutil.copytree(finished, tree)
    part = tree / "results" / "tiny_spirals" / "armed" / "1-of-1"
    shutil.rmtree(part)
    start.mkdir()
    (start / "sitecustomize.py").write_text(FULL_DISK, encoding="utf-8")
    target = "results/tiny_spirals/armed/1-of-1/predictions.parquet"
    failed = snakemake("--cores", "1", "--", target, cwd=tree, PYTHONPATH=str(start))
    assert failed.returncode != 0
    assert "File too large" in failed.stdout
    assert not any(part.glob("*"))
    succeed("--cores", "2", "--", target, "all", cwd=tree)
    assert tables_of(tree) == tables_of(finished)


def test_damaged_file_is_named_and_not_used(finished, tmp_path):
    tree = tmp_path / "tree"
    shutil.copytree(finished, tree)
    path = tree / "results" / "tiny_spirals" / "armed" / "1-of-1" / "predictions.parquet"
    path.write_bytes(path.read_bytes()[:-200])
    run = snakemake("--cores", "1", "--", "results/tiny_spirals/scores.parquet", cwd=tree)
    assert run.returncode != 0
    assert "results/tiny_spirals/armed/1-of-1/predictions.parquet" in run.stdout
    assert "delete it and run the workflow again" in run.stdout
    log = "results/logs/tiny_spirals/evaluate_study.log"
    said = [line for line in run.stdout.splitlines() if line.endswith(f"(log: {log})")]
    assert len(said) == 1
    assert said[0].startswith("DataError: results/tiny_spirals/armed/1-of-1/predictions.parquet")
    assert "Traceback" in (tree / log).read_text("utf-8")
