"""What a job prints is in its log, its error is on the terminal too, and it ends with its run."""

import os
import signal
import subprocess
import sys
import time

import pytest

from running import PATIENCE

START = """
import sys
sys.path.insert(0, sys.argv[1])
from armed_study import job
job.start(sys.argv[2], 3)
"""


@pytest.fixture
def run(tmp_path):
    """Function that runs lines of a job; gives its exit code, its terminal and its log."""

    def job(lines):
        log = tmp_path / "logs" / "job.log"
        source = next(path for path in sys.path if path.endswith("src"))
        done = subprocess.run(
            [sys.executable, "-c", START + lines, source, log],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return done.returncode, done.stdout + done.stderr, log.read_text("utf-8")

    return job


def test_traceback_is_in_the_log_and_one_sentence_on_the_terminal(run):
    code, terminal, log = run(
        "from armed.errors import DataError\n"
        "try:\n    1 / 0\n"
        "except ZeroDivisionError as error:\n"
        "    raise DataError('found 0, expected 1; correct it') from error\n"
    )
    assert code == 1
    assert terminal.startswith("DataError: found 0, expected 1; correct it (log: ")
    assert terminal.endswith("job.log)\n")
    assert terminal.count("\n") == 1
    assert log.count("Traceback (most recent call last)") == 2  # that of its cause too
    assert "ZeroDivisionError" in log
    assert "found 0, expected 1; correct it" in log


def test_prints_warnings_and_progress_are_in_the_log_alone(run):
    code, terminal, log = run(
        "import warnings\nfrom tqdm import tqdm\n"
        "print('said')\nwarnings.warn('careful')\n"
        "for _ in tqdm(range(7), desc='working', unit='piece'):\n    pass\n"
    )
    assert (code, terminal) == (0, "")
    assert "said" in log
    assert "careful" in log
    assert "working: 100%" in log
    assert "7/7" in log
    assert "piece/s" in log


def test_libraries_are_told_the_number_of_threads(run):
    _, _, log = run("import os\nprint(os.environ['OMP_NUM_THREADS'])\n")
    assert log == "3\n"


# A run, its job, and a process that the job has started, each of which writes its number and waits.
RUN = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
JOB = """
import os, sys, time
from concurrent.futures import ProcessPoolExecutor
from armed_study.job import end_with_parent

def wait(_=None):
    print(os.getpid(), flush=True)
    time.sleep(3600)

end_with_parent()
with ProcessPoolExecutor(1, initializer=end_with_parent) as pool:
    pool.submit(wait)
    wait()
"""


LINUX = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="processes are looked up in /proc"
)


def heard():
    """Options of a process that imports what this one does and whose output is read."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return {"env": environment, "stdout": subprocess.PIPE, "text": True}


def lives(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{process}/stat") as file:  # one that nobody has asked for its end is none
        return file.read().rpartition(")")[2].split()[0] != "Z"


def wait_until_gone(processes):
    deadline = time.monotonic() + PATIENCE
    while any(map(lives, processes)):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@LINUX
def test_job_and_its_processes_end_when_the_run_is_killed():
    run = subprocess.Popen([sys.executable, "-c", RUN, JOB], **heard())
    processes = [int(run.stdout.readline()) for _ in range(2)]
    assert all(map(lives, processes))
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    wait_until_gone(processes)


# A job that begins after its run has ended.
LATE = """
import os, sys, time
from armed_study.job import end_with_parent

while os.getppid() != 1:
    time.sleep(0.01)
end_with_parent()
time.sleep(3600)
"""


@LINUX
def test_job_that_begins_after_its_run_was_killed_ends():
    start = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1]]).pid)"
    )
    run = subprocess.run([sys.executable, "-c", start, LATE], check=True, **heard())
    wait_until_gone([int(run.stdout.split()[0])])
