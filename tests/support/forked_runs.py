"""Runs of Snakemake, each in a fork of a process that has imported Snakemake already."""

import atexit
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

# What the Snakefile imports from other packages; of this one every run imports the copy that it runs.
_PRELOADED = ["snakemake.cli", "snakemake.api", "snakemake.workflow", "grimp", "pydantic", "yaml"]
_SOURCES = Path(".snakemake", "armed_study_sources.json")  # of `armed_study.provenance`
_read: list[bytes] = []  # the content of the first such file, once there is one


def run(
    arguments: Sequence[str], *, cwd: Path, environment: Mapping[str, str]
) -> subprocess.CompletedProcess:
    """Run Snakemake on arguments as a process of its own would; all output is in ``stdout``.

    What the first run has read of the sources is given to the others: it is kept by content.
    """
    sources = cwd / _SOURCES
    if _read and not sources.exists():
        sources.parent.mkdir(exist_ok=True)
        sources.write_bytes(_read[0])
    server = multiprocessing.get_context("forkserver")
    server.set_forkserver_preload(_PRELOADED)
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder, "printed")
        given = (list(map(str, arguments)), str(cwd), dict(environment), str(printed))
        process = server.Process(target=_run, args=given)
        process.start()
        process.join()
        text = printed.read_text(encoding="utf-8")
    if not _read and sources.exists():
        _read.append(sources.read_bytes())
    return subprocess.CompletedProcess(given[0], process.exitcode, text)


def _run(arguments: list[str], cwd: str, environment: dict[str, str], printed: str) -> None:
    file = os.open(printed, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for stream in (1, 2):
        os.dup2(file, stream)
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environment)
    own = [path for path in sys.path if path.startswith((sys.prefix, sys.base_prefix))]
    sys.path[:] = [cwd, *own]
    sys.argv = ["snakemake", *arguments]
    from snakemake.cli import main

    try:
        main(arguments)
    finally:
        atexit._run_exitfuncs()  # which such a process leaves out
