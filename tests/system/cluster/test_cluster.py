"""The study through a real Slurm: the same bytes, and what happens when jobs go wrong."""

import re
import shutil
import signal
import subprocess

import pytest
import yaml

from running import PATIENCE, ROOT, at_start, copy_tree, rules, succeed, tables_of, wait_until

BATCHED = (
    "--groups", "train_model=training", "infer_membership=training",
    "--group-components", "training=12", "results=8",
)  # fmt: skip
# All of a table's study, and the images of another up to its scores.
SMALL = ("tiny_spirals", "results/tables/tiny_mri/performance_table.csv")
PARTS = [
    f"results/tiny_spirals/prevalence/{part}/model.safetensors" for part in ("1-of-2", "2-of-2")
]

# Python runs this at its start. The job that a file of the folder FAULTS names goes wrong as the file's
# own name says, once.
FAULTS = """
import os, sys, time
from pathlib import Path

script = Path(sys.orig_argv[-1])
if "FAULTS" in os.environ and script.name.startswith("tmp") and script.suffix == ".py":
    for fault in sorted(Path(os.environ["FAULTS"]).iterdir()):
        if fault.read_text() in script.read_text():
            fault.unlink()
            if fault.name == "fail":
                os._exit(3)
            block = b"x" * (4_600_000_000 if fault.name == "eat" else 1)
            time.sleep(3600)  # it is killed before
"""


@pytest.fixture(scope="module")
def done(cluster, made_once):
    """A copy of the tree in which the small study has run through the cluster."""

    def make(folder):
        tree = copy_tree(folder / "tree")
        printed = cluster(*BATCHED, "--", *SMALL, cwd=tree, ask=succeed)
        (tree / "printed.txt").write_text(printed, encoding="utf-8")

    return made_once("cluster", make) / "tree"


@pytest.fixture
def tree(done, tmp_path):
    """A copy of the finished tree without what the baseline learned in two parts."""
    tree = shutil.copytree(done, tmp_path / "tree")
    shutil.rmtree(tree / "results/tiny_spirals/prevalence")
    return tree


@pytest.fixture
def faults(tmp_path):
    """Function that names jobs by part of what they write; the environment in which they go wrong."""
    folder = tmp_path / "faults"
    folder.mkdir()
    start = at_start(tmp_path / "start", FAULTS)

    def prepare(**named):
        for fault, job in named.items():
            (folder / fault).write_text(job, encoding="utf-8")
        return {**start, "FAULTS": str(folder)}

    return prepare


def submitted(printed):
    return re.findall(r"submitted with SLURM jobid (\d+)", printed)


def jobs_of(cluster, *columns):
    """What the queue says of every job, finished ones too."""
    form = "--format=" + "|".join(f"%{column}" for column in ("i", *columns))
    request = ["squeue", "--noheader", "--states=all", form]
    said = subprocess.run(
        request, env=cluster.environment, capture_output=True, text=True, check=True
    ).stdout
    return {number: rest for number, *rest in (line.split("|") for line in said.splitlines())}


def test_tables_are_those_of_a_local_run(done, finished):
    ours, local = tables_of(done), tables_of(finished)
    assert [name for name in ours if ours[name] != local[name]] == []
    assert {name for name in local if name.startswith("tiny_spirals/")} < set(ours)
    assert "tiny_mri/performance_table.csv" in ours


def test_short_jobs_share_jobs_of_the_cluster(done):
    printed = (done / "printed.txt").read_text(encoding="utf-8")
    (steps,) = re.findall(r"(\d+) of \1 steps \(100%\) done", printed)
    assert 0 < len(submitted(printed)) < int(steps) / 3


def test_failed_job_and_one_over_its_memory_are_tried_again(cluster, tree, faults):
    printed = cluster("--", *PARTS, cwd=tree, ask=succeed, **faults(fail=PARTS[0], eat=PARTS[1]))
    assert all((tree / part).is_file() for part in PARTS)
    of_these = {k: v for k, v in jobs_of(cluster, "T", "m").items() if k in submitted(printed)}
    requested = sorted((memory, state) for state, memory in of_these.values())
    assert [state for _, state in requested].count("COMPLETED") == 2
    assert {memory for memory, _ in requested} == {"4000M", "8000M"}
    assert {memory for memory, state in requested if state == "COMPLETED"} == {"8000M"}
    logs = (tree / ".snakemake/slurm_logs").rglob("*.log")
    killed = [log for log in logs if "exceeded memory limit" in log.read_text(encoding="utf-8")]
    assert [log.parent.name for log in killed] == ["tiny_spirals_prevalence_2-of-2"]


def test_cancelled_job_is_reported_and_the_next_run_completes(cluster, tree, faults):
    options = ("--retries", "0", "--", PARTS[0])
    with cluster.start(*options, cwd=tree, **faults(wait=PARTS[0])) as run:
        number = wait_until(lambda: running(cluster), run)[0]
        subprocess.run(["scancel", number], env=cluster.environment, check=True)
        assert run.wait(PATIENCE) != 0
    printed = (tree / "printed.txt").read_text(encoding="utf-8")
    assert "CANCELLED" in printed
    assert f"SLURM-job '{number}' failed" in printed
    assert not (tree / PARTS[0]).exists()
    cluster("--", PARTS[0], cwd=tree, ask=succeed)


def test_interrupted_run_is_continued_where_it_was(cluster, tree, faults):
    with cluster.start("--", *PARTS, cwd=tree, **faults(wait=PARTS[1])) as run:
        printed = tree / "printed.txt"
        wait_until(lambda: "Finished jobid" in printed.read_text() and running(cluster), run)
        run.send_signal(signal.SIGINT)
        assert run.wait(PATIENCE) != 0
    assert running(cluster) == []
    assert len(submitted(cluster("--", *PARTS, cwd=tree, ask=succeed))) == 1
    assert (tree / PARTS[1]).is_file()


def running(cluster):
    """Numbers of the jobs that run."""
    return [number for number, (state,) in jobs_of(cluster, "T").items() if state == "RUNNING"]


def test_profile_asks_for_the_memory_of_the_rules_and_for_more_at_each_attempt():
    profile = yaml.safe_load((ROOT / "workflow/profiles/slurm/profile.yaml").read_text("utf-8"))
    sources = rules()
    named = {rule: re.search(r"mem_mb=(\d+)", source) for rule, source in sources.items()}
    memory = {rule: int(requested[1]) for rule, requested in named.items() if requested}
    borrowed = {rule: re.match(r"use rule (\w+)", source) for rule, source in sources.items()}
    memory |= {rule: memory[lender[1]] for rule, lender in borrowed.items() if lender}
    grown = {rule: requested["mem_mb"] for rule, requested in profile["set-resources"].items()}
    assert grown == {rule: f"{memory[rule]} * attempt" for rule in grown}
    assert {rule for rule, most in memory.items() if most > 2000} <= set(grown)


def test_results_can_go_to_a_storage_while_the_users_files_stay(cluster, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    far = ("--default-storage-prefix", tmp_path / "far")
    planned = cluster("--default-storage-provider", "fs", *far, "-n", cwd=tree, ask=succeed)
    inputs, outputs = (
        "\n".join(re.findall(rf"^ +{kind}: (.*)$", planned, re.MULTILINE))
        for kind in ("input", "output")
    )
    assert re.search(r"(^|, )tiny\.csv( |,|$)", inputs, re.MULTILINE)
    assert "far" in outputs
