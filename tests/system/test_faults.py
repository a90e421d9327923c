"""A study that is killed, crowded out or damaged ends as one that is left alone, or says what is wrong."""

import os
import shutil
import signal
import subprocess
import time

import numpy as np
import psutil
import pytest

from running import command, copy_tree, environment, snakemake, succeed, tables_of

pytestmark = pytest.mark.slow

# Snakemake looks more often for what to start, so that it ends sooner than with the profile's value.
BRISK = ("--cores", "2", "--max-jobs-per-timespan", "100/1s")
SPIRALS = "results/tiny_spirals"
MODEL = f"{SPIRALS}/armed/1-of-1"


def start(*targets, tree, log, **more):
    """Start Snakemake in a tree as the head of a process group; what it prints goes to a file."""
    with log.open("w") as file:
        return subprocess.Popen(
            command(*BRISK, "--", *targets), cwd=tree, env=environment(**more), stdout=file,
            stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip


def wait_until(found, run, seconds=120):
    """Wait until a function finds something, and return that; the run must not end before."""
    deadline = time.monotonic() + seconds
    while not (what := found()):
        assert run.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return what


def workers(run):
    """Processes that do the jobs of a run."""
    children = psutil.Process(run.pid).children()
    return [child for child in children if ".snakemake/scripts" in " ".join(command_of(child))]


def command_of(process):
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:
        return []


def unfinished(tree):
    """Files and folders that are being written, or were when their writer was killed."""
    return list((tree / "results").rglob(".*.part"))


def content(tree):
    """Every table, array, model and generated image of a run by name; no pages, pictures and costs."""
    base = tree / "results"
    kinds = (".csv", ".gz", ".json", ".npy", ".parquet", ".safetensors")
    paths = (path for path in base.glob("*/**/*.*") if path.suffix in kinds)
    return {str(path.relative_to(base)): path.read_bytes() for path in paths}


def assert_same(tree, finished):
    """What a run has made is, byte by byte, what an undisturbed one makes; nothing is half-written."""
    ours, theirs = content(tree), content(finished)
    assert ours
    assert [name for name in ours if ours[name] != theirs.get(name)] == []
    assert unfinished(tree) == []


# Replicas trained as one computation and all that becomes of them; a tree, its batches and their model.
DISTURBED = ("tiny_spirals", "results/tiny_mri/armed/1-of-1/predictions.parquet")
KILLED = ("all",) * 5 + ("all, as a file is written",) * 4 + ("main",) * 6 + ("job",) * 5

# Python runs this at its start. A file of a job then stays half-written for long enough to be met so.
SLOW_DISK = """
import os, sys, time
if ".snakemake/scripts" in sys.orig_argv[-1]:
    sync = os.fsync
    os.fsync = lambda file: (time.sleep(0.1), sync(file))
"""


def test_study_killed_at_twenty_moments_has_the_same_results(finished, tmp_path):
    """Killed are all processes, the main one or the one of a job; what and when is drawn."""
    tree, log = copy_tree(tmp_path / "tree"), tmp_path / "log"
    (tmp_path / "sitecustomize.py").write_text(SLOW_DISK, encoding="utf-8")
    rng = np.random.default_rng(20)
    for number, what in enumerate(rng.permutation(KILLED)):
        run = start(*DISTURBED, tree=tree, log=log, PYTHONPATH=str(tmp_path))
        kill(run, what, rng, tree=tree, log=log)
        if what != "job":
            if number < 5:
                refused = snakemake(*BRISK, "--", *DISTURBED, cwd=tree)
                assert refused.returncode != 0
                assert "--unlock" in refused.stdout
            succeed("--unlock", cwd=tree)
    succeed(*BRISK, "--", *DISTURBED, cwd=tree)
    assert_same(tree, finished)
    whole = {name: made for name, made in tables_of(finished).items() if "tiny_spirals/" in name}
    assert tables_of(tree) == whole


def kill(run, what, rng, *, tree, log):
    """Kill what is to be killed of a run at a moment that is drawn, and wait for its end."""
    ended, delay = rng.integers(0, 2), rng.uniform(0, 0.6)
    wait_until(lambda: log.read_text().count("Finished jobid") >= ended, run)
    wait_until(lambda: workers(run), run)
    if what == "all, as a file is written":
        left = set(unfinished(tree))
        wait_until(lambda: set(unfinished(tree)) - left, run)
    else:
        time.sleep(delay)
    doing = wait_until(lambda: workers(run), run)
    if what == "main":
        run.kill()
    elif what == "job":
        max(doing, key=lambda process: process.create_time()).kill()
    else:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.wait(60) != 0
    assert psutil.wait_procs(doing, timeout=20)[1] == [], "a job outlived its run by far"


def test_tree_of_images_of_which_half_was_written_is_written_anew(finished, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    raw = tree / "results" / "tiny_mri" / "raw"
    run = start("results/tiny_mri/raw/tree", tree=tree, log=tmp_path / "log")
    wait_until(lambda: len(list(raw.glob(".tree.*.part/**/*.nii.gz"))) >= 5, run)
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not (raw / "tree").exists()
    succeed("--unlock", cwd=tree)
    succeed(*BRISK, "--", "results/tiny_mri/raw/tree", cwd=tree)
    assert_same(tree, finished)
    scans = [name for name in content(finished) if name.startswith("tiny_mri/raw/")]
    assert sorted(content(tree)) == sorted(scans)


def test_second_study_in_a_folder_is_refused_and_the_first_goes_on(finished, tmp_path):
    tree = copy_tree(tmp_path / "tree")
    target = f"{SPIRALS}/prevalence/1-of-1/predictions.parquet"
    first = start(target, tree=tree, log=tmp_path / "log")
    wait_until(lambda: list(tree.glob(".snakemake/locks/*")), first)
    second = snakemake(*BRISK, "--", target, cwd=tree)
    assert first.poll() is None, "it ended before the second could disturb it"
    assert second.returncode != 0
    assert "Directory cannot be locked" in second.stdout
    assert first.wait(300) == 0, (tmp_path / "log").read_text()
    assert (tree / target).is_file()
    assert_same(tree, finished)


@pytest.fixture
def results_disk(tmp_path):
    """Function that mounts a file system at the results of a tree, and mounts it anew by other options."""
    mounted = []

    def mount(tree, options):
        place = tree / "results"
        place.mkdir(exist_ok=True)
        again = ["-o", f"remount,{options}"] if mounted else ["-t", "tmpfs", "-o", options]
        call = ["mount", *again, "tmpfs", str(place)]
        if not shutil.which("mount") or subprocess.run(call, capture_output=True).returncode:
            pytest.skip("cannot mount a file system (only root can)")
        mounted[:] = [place]

    yield mount
    for place in mounted:
        subprocess.run(["umount", place], check=True)


def test_results_that_cannot_be_written_are_named(finished, tmp_path, results_disk):
    """By way of the file system: root, who runs tests in containers, may write to any folder."""
    tree, target = copy_tree(tmp_path / "tree"), f"{SPIRALS}/samples.parquet"
    results_disk(tree, "ro")
    refused = snakemake(*BRISK, "--", target, cwd=tree)
    assert refused.returncode != 0
    assert f"Read-only file system: '{SPIRALS}" in refused.stdout
    results_disk(tree, "rw")
    succeed(*BRISK, "--", target, cwd=tree)
    assert (tree / target).is_file()
    assert_same(tree, finished)


def test_study_on_a_disk_that_fills_up_is_completed_when_there_is_room(
    finished, tmp_path, results_disk
):
    tree, target = copy_tree(tmp_path / "tree"), f"{SPIRALS}/scores.parquet"
    results_disk(tree, "size=200k")
    failed = snakemake(*BRISK, "--", target, cwd=tree)
    assert failed.returncode != 0
    assert "No space left on device" in failed.stdout  # a job, or Snakemake itself
    assert_same(tree, finished)
    results_disk(tree, "size=100m")
    succeed(*BRISK, "--", target, cwd=tree)
    assert (tree / target).is_file()
    assert_same(tree, finished)


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
    part = tree / MODEL
    shutil.rmtree(part)
    start.mkdir()
    (start / "sitecustomize.py").write_text(FULL_DISK, encoding="utf-8")
    target = f"{MODEL}/predictions.parquet"
    failed = snakemake("--cores", "1", "--", target, cwd=tree, PYTHONPATH=str(start))
    assert failed.returncode != 0
    assert "File too large" in failed.stdout
    assert "make room and run the workflow again" in failed.stdout
    assert not any(part.glob("*"))
    succeed("--cores", "2", "--", target, "all", cwd=tree)
    assert tables_of(tree) == tables_of(finished)


def cut(content):
    return content[:-200]


def flipped(content):
    """One bit in the middle is another."""
    changed = bytearray(content)
    changed[len(content) // 2] ^= 4
    return bytes(changed)


@pytest.mark.parametrize(
    ("damaged", "damage", "made"),
    [
        (f"{MODEL}/predictions.parquet", cut, f"{SPIRALS}/scores.parquet"),
        ("results/tiny_mri/images.npy", flipped, "results/tiny_mri/attribution_scores.parquet"),
        (
            "results/tiny_livecell/armed/1-of-1/model.safetensors",
            flipped,
            "results/tiny_livecell/armed/1-of-1/imagined.parquet",
        ),
    ],
)
def test_damaged_file_is_named_and_is_made_anew_where_it_is_deleted(
    finished, tmp_path, damaged, damage, made
):
    """`tests/unit/armed_study/io/test_damage.py` has every kind of file, by its reader."""
    tree = tmp_path / "tree"
    shutil.copytree(finished, tree)
    path = tree / damaged
    path.write_bytes(damage(path.read_bytes()))
    (tree / made).unlink()
    failed = snakemake(*BRISK, "--", made, cwd=tree)
    assert failed.returncode != 0
    assert f"{damaged}: " in failed.stdout
    assert "run the workflow again, which" in failed.stdout
    assert not (tree / made).exists()
    path.unlink()
    succeed(*BRISK, "--", made, cwd=tree)
    assert_same(tree, finished)
