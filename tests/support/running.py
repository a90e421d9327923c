"""Running Snakemake from tests: in copies of this tree, on a study of seconds."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import yaml

import forked_runs

ROOT = Path(__file__).resolve().parents[2]
SNAKEFILE = ROOT / "workflow" / "Snakefile"
DEFAULT = ROOT / "config" / "config.yaml"
CLAIMS = ROOT / "config" / "claims.yaml"
OVERLAYS = sorted({*DEFAULT.parent.glob("*.yaml")} - {DEFAULT, CLAIMS})
TINY = ROOT / ".test" / "config" / "config.yaml"
TINY_TABLE = ROOT / ".test" / "tiny.csv"
TINY_FILES = ("tiny.csv", "pictures.csv", "pictures")
"""The user's files of the tiny study."""
OFFLINE = {"PYTHONPATH": str(ROOT / "tests" / "support" / "offline")}
"""Environment in which Python reaches no other machine."""
TARGETS = ("scores", "tables", "figures", "effects")  # parts of `all`, asked for by name
APART = {"export_crate"}  # no part of `all`
PATIENCE = 3600  # seconds: ends what hangs, and decides no test
QUICK = ("--max-jobs-per-timespan", "100/1s")  # a run lingers so long after its last job


def command(*arguments, python=sys.executable):
    """Command line of Snakemake; of another environment's, if its Python is given."""
    return [str(python), "-m", "snakemake", *map(str, arguments)]


def environment(**more):
    dropped = ("SNAKEMAKE_PROFILE", "PYTHONPATH")
    kept = {name: value for name, value in os.environ.items() if name not in dropped}
    return {**kept, "OMP_NUM_THREADS": "1", **more}


def at_start(folder, code):
    """Write, into a new folder, what Python runs at its start; return the environment in which it does."""
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(code, encoding="utf-8")
    return {"PYTHONPATH": str(folder)}


def snakemake(*arguments, cwd, configs=(), python=sys.executable, **more):
    """Run Snakemake in a folder, with ``more`` in its environment; all output is in ``stdout``.

    With configurations it is the workflow of this tree that runs, in a folder that needs none of it.
    """
    here = ("-s", SNAKEFILE, "--directory", cwd, "--configfile", *configs) if configs else ()
    given = [*map(str, (*here, *QUICK, *arguments))]
    if python == sys.executable and not more:
        return forked_runs.run(given, cwd=cwd, environment=environment())
    line = command(*given, python=python)
    return subprocess.run(
        line, cwd=cwd, env=environment(**more), timeout=PATIENCE,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip


def start(*arguments, cwd, log, python=sys.executable, **more):
    """Start Snakemake as the head of a process group; what it prints goes to a file."""
    with log.open("w") as printed:
        return subprocess.Popen(
            command(*arguments, python=python), cwd=cwd, env=environment(**more), stdout=printed,
            stderr=subprocess.STDOUT, start_new_session=True, preexec_fn=_heed_interrupts,
        )  # fmt: skip


def _heed_interrupts():
    """What a shell starts with `&`, and all that this starts, ignores Ctrl-C by default."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def succeed(*arguments, cwd, **more):
    """Run Snakemake and return what it printed; the test fails with it if Snakemake does."""
    run = snakemake(*arguments, cwd=cwd, **more)
    assert run.returncode == 0, run.stdout[-6000:]
    return run.stdout


def python(*arguments, cwd, paths="src:.", **more):
    """Run Python in a folder and return what it printed; the test fails with it if Python does."""
    run = subprocess.run(
        [sys.executable, *map(str, arguments)], cwd=cwd, env=environment(PYTHONPATH=paths, **more),
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout[-6000:]
    return run.stdout


def wait_until(found, run):
    """Wait until a function finds something, and return that; the run must not end before."""
    deadline = time.monotonic() + PATIENCE
    while not (what := found()):
        assert run.poll() is None, "it ended before it could be disturbed"
        assert time.monotonic() < deadline
        time.sleep(0.1)
    return what


def rules():
    """Source of every rule of the workflow by name, but for those that name parts of `all`."""
    files = [SNAKEFILE, *SNAKEFILE.parent.glob("rules/*.smk")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    sources = re.split(r"^(?=rule |use rule )", text, flags=re.MULTILINE)[1:]
    named = {re.match(r"(?:use rule \w+ as|rule) (\w+)", source)[1]: source for source in sources}
    return {name: source for name, source in named.items() if name not in TARGETS}


def jobs(output):
    """Count of jobs by rule, from the table that a dry run prints; empty if nothing is to be done."""
    table = re.search(r"^Job stats:\n.*\n-.*\n((?:.*\S.*\n)+)", output, re.MULTILINE)
    counts = dict(line.split() for line in table[1].splitlines()) if table else {}
    return {rule: int(count) for rule, count in counts.items() if rule != "total"}


def blocks(output, rule):
    """What a dry run prints of each job of a rule."""
    found = re.findall(rf"^( *)rule {rule}:\n((?:\1 {{4}}.*\n)+)", output, re.MULTILINE)
    return [text for _, text in found]


def trained(output):
    """Study and model of every training job of a dry run."""
    wanted = r"wildcards: study=(\w+), model=(\w+)"
    return sorted(re.search(wanted, block).groups() for block in blocks(output, "train_model"))


def tiny_config():
    """The configuration of the tiny study; blocks that the file shares are copies here."""
    return json.loads(json.dumps(yaml.safe_load(TINY.read_text(encoding="utf-8"))))


def changed(content, path, value):
    """A copy of a configuration with another value at a path of keys."""
    copy = block = json.loads(json.dumps(content))
    for key in path[:-1]:
        block = block[key]
    block[path[-1]] = value
    return copy


def copy_tree(folder):
    """Copy what runs the workflow into ``folder``, with the tiny study as its configuration."""
    for name in ("envs", "src", "workflow"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "config").mkdir()
    shutil.copy(TINY, folder / "config" / "config.yaml")
    copy_users_files(folder)
    return folder


def copy_users_files(folder):
    """Copy the files that the tiny study takes for the user's, which are where it runs."""
    for name in TINY_FILES:
        source = TINY_TABLE.with_name(name)
        (shutil.copytree if source.is_dir() else shutil.copy)(source, folder / name)


def tables_of(folder):
    """Content of every table of a run, CSV and HTML, by name; but for those of costs and provenance."""
    base = folder / "results" / "tables"
    paths = [path for path in sorted(base.rglob("*.*")) if path.parent != base]
    return {str(path.relative_to(base)): path.read_bytes() for path in paths}


def tables_of_figures(folder):
    """Names, as of `tables_of`, of the tables that the figures of a run are drawn from."""
    base = folder / "results" / "figures"
    return {str(path.relative_to(base).with_suffix(".csv")) for path in base.glob("*/*.svg")}
