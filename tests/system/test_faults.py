"""A study that is killed, crowded out or damaged ends as one that is left alone, or says what is wrong."""

import os
import shutil
import signal
import subprocess
from pathlib import Path

import numpy as np
import psutil
import pytest

from running import PATIENCE, at_start, copy_tree, snakemake, start, succeed, tables_of, wait_until

# Snakemake checks more often for what to start, so that it ends sooner than with the profile's value.
BRISK = ("--cores", "2", "--max-jobs-per-timespan", "100/1s")
SPIRALS = "results/tiny_spirals"
MODEL = f"{SPIRALS}/armed/1-of-1"
CELLS = "results/tiny_livecell/armed/1-of-1"
# Parts of the paths that a job opens to write: first that of its log, later those of its outputs.
LOG, OUTPUT = ".log", ".part"

# Python runs this at its start. A job that opens, to write, a file whose path holds the text of the
# file that HOLD names waits there for as long as that file exists. The text is followed by a number: of
# so many such files a process opens, it waits at the last.
HELD = """
import os, sys, time
from pathlib import Path

hold, opened, busy = Path(os.environ["HOLD"]), [], []

def wait_at(event, arguments):
    if event != "open" or busy or not set(str(arguments[1])) & set("wax+"):
        return
    busy.append(True)
    try:
        text, number = hold.read_text().split("|")
        if text in str(arguments[0]):
            opened.append(arguments[0])
            if len(opened) == int(number):
                (hold.parent / f"held.{os.getpid()}").touch()
                while hold.exists():
                    time.sleep(0.05)
    except (FileNotFoundError, ValueError):  # nothing is held, or the file is being written
        pass
    finally:
        busy.clear()

if ".snakemake/scripts" in sys.orig_argv[-1]:
    sys.addaudithook(wait_at)
"""


class Hold:
    """Makes jobs of runs that are started with `environment` wait; its files are in a new folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "hold"
        self.environment = {**at_start(folder, HELD), "HOLD": str(self._file)}

    def at(self, text: str, number: int = 1) -> None:
        """Let jobs wait where they open the n-th file to write whose path holds a text."""
        for mark in self._file.parent.glob("held.*"):
            mark.unlink()
        self._file.write_text(f"{text}|{number}", encoding="utf-8")

    def held(self) -> list[psutil.Process]:
        """Return the processes that wait."""
        marks = self._file.parent.glob("held.*")
        return [psutil.Process(int(mark.suffix[1:])) for mark in marks]

    def release(self) -> None:
        """Let all go on."""
        self._file.unlink()


@pytest.fixture
def hold(tmp_path):
    return Hold(tmp_path / "hold")


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
    assert list((tree / "results").rglob(".*.part")) == []


def begin(*targets, tree, hold):
    """Start a run whose jobs can be held; its log lies beside the tree."""
    log = tree.with_name("log")
    return start(*BRISK, "--", *targets, cwd=tree, log=log, **hold.environment)


def failure(*targets, tree):
    """What a run prints that fails."""
    run = snakemake(*BRISK, "--", *targets, cwd=tree)
    assert run.returncode != 0
    return run.stdout


def complete(target, *, tree, finished):
    """Run to the end what was disturbed."""
    succeed(*BRISK, "--", target, cwd=tree)
    assert (tree / target).is_file()
    assert_same(tree, finished)


# Replicas trained as one computation and all that becomes of them; a tree, its batches and their model.
DISTURBED = ("tiny_spirals", "results/tiny_mri/armed/1-of-1/predictions.parquet")
KILLED = ("all", "main", "job") * 2


def test_study_killed_at_six_moments_has_the_same_results(finished, tmp_path, hold):
    """Killed are all processes, the main one or the one of a job; what and when is drawn."""
    tree, log = copy_tree(tmp_path / "tree"), tmp_path / "log"
    rng = np.random.default_rng(20)
    locked = ""
    for what in rng.permutation(KILLED):
        run = begin(*DISTURBED, tree=tree, hold=hold)
        kill(run, what, rng, log=log, hold=hold)
        if what != "job":
            locked = locked or failure(*DISTURBED, tree=tree)
            succeed("--unlock", cwd=tree)
    assert "--unlock" in locked
    succeed(*BRISK, "--", *DISTURBED, cwd=tree)
    assert_same(tree, finished)
    whole = {name: made for name, made in tables_of(finished).items() if "tiny_spirals/" in name}
    assert tables_of(tree) == whole


def kill(run, what, rng, *, log, hold):
    """Kill what is to be killed of a run while a job waits at a drawn point; wait for the end of all."""
    ended, point = rng.integers(0, 2), rng.choice([LOG, OUTPUT])
    wait_until(lambda: log.read_text().count("Finished jobid") >= ended, run)
    hold.at(point)
    job = wait_until(hold.held, run)[0]
    doing = psutil.Process(run.pid).children(recursive=True)
    if what == "main":
        run.kill()
    elif what == "job":
        job.kill()
        hold.release()  # the others
    else:
        os.killpg(run.pid, signal.SIGKILL)
    assert run.wait(PATIENCE) != 0
    assert psutil.wait_procs(doing, timeout=PATIENCE)[1] == [], "a job outlived its run"
    if what != "job":
        hold.release()


def test_half_written_tree_of_images_is_written_again(finished, tmp_path, hold):
    tree = copy_tree(tmp_path / "tree")
    raw = tree / "results" / "tiny_mri" / "raw"
    hold.at(".nii.gz", number=3)
    run = begin("results/tiny_mri/raw/tree", tree=tree, hold=hold)
    wait_until(hold.held, run)
    assert len(list(raw.glob(".tree.*.part/**/*.nii.gz"))) >= 2
    os.killpg(run.pid, signal.SIGKILL)
    run.wait()
    assert not (raw / "tree").exists()
    succeed("--unlock", cwd=tree)
    succeed(*BRISK, "--", "results/tiny_mri/raw/tree", cwd=tree)
    assert_same(tree, finished)
    scans = [name for name in content(finished) if name.startswith("tiny_mri/raw/")]
    assert sorted(content(tree)) == sorted(scans)


def test_second_study_in_a_folder_is_refused_and_the_first_goes_on(finished, tmp_path, hold):
    tree = copy_tree(tmp_path / "tree")
    target = f"{SPIRALS}/prevalence/1-of-1/predictions.parquet"
    hold.at(LOG)
    first = begin(target, tree=tree, hold=hold)
    wait_until(hold.held, first)
    assert "Directory cannot be locked" in failure(target, tree=tree)
    hold.release()
    assert first.wait(PATIENCE) == 0, (tmp_path / "log").read_text()
    assert (tree / target).is_file()
    assert_same(tree, finished)


@pytest.fixture
def results_disk(tmp_path):
    """Function that mounts a file system at the results of a tree, and mounts it again with other options."""
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
    assert f"Read-only file system: '{SPIRALS}" in failure(target, tree=tree)
    results_disk(tree, "rw")
    complete(target, tree=tree, finished=finished)


def test_study_on_a_disk_that_fills_up_is_completed_when_there_is_room(
    finished, tmp_path, results_disk
):
    tree, target = copy_tree(tmp_path / "tree"), f"{SPIRALS}/scores.parquet"
    results_disk(tree, "size=200k")
    assert "No space left on device" in failure(target, tree=tree)  # a job, or Snakemake itself
    assert_same(tree, finished)
    results_disk(tree, "size=100m")
    complete(target, tree=tree, finished=finished)


# Python runs this at its start. In a training job no file may then grow beyond 4 kB, so that writing
# fails as on a full disk; Snakemake itself is spared.
FULL_DISK = """
import resource, signal, sys
if sys.orig_argv[-1].endswith("train_model.py"):
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
"""


def test_full_disk_leaves_no_half_written_file_and_the_next_run_completes(finished, tmp_path):
    tree = shutil.copytree(finished, tmp_path / "tree")
    part = tree / MODEL
    shutil.rmtree(part)
    full = at_start(tmp_path / "start", FULL_DISK)
    target = f"{MODEL}/predictions.parquet"
    failed = snakemake("--cores", "1", "--", target, cwd=tree, **full)
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
        (f"{CELLS}/model.safetensors", flipped, f"{CELLS}/counterfactuals.parquet"),
    ],
)
def test_damaged_file_is_named_and_made_again_where_it_is_deleted(
    finished, tmp_path, damaged, damage, made
):
    """`tests/unit/armed_study/io/test_damage.py` has every kind of file, by its reader."""
    tree = shutil.copytree(finished, tmp_path / "tree")
    path = tree / damaged
    path.write_bytes(damage(path.read_bytes()))
    (tree / made).unlink()
    said = failure(made, tree=tree)
    assert f"{damaged}: " in said
    assert "run the workflow again, which" in said
    assert not (tree / made).exists()
    path.unlink()
    complete(made, tree=tree, finished=finished)
