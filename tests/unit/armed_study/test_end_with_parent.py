import os
import signal
import subprocess
import sys
import time

import pytest

from running import PATIENCE

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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
def test_job_and_its_processes_end_when_the_run_is_killed():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.Popen(
        [sys.executable, "-c", RUN, JOB], env=environment, stdout=subprocess.PIPE, text=True
    )
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


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="processes are looked up in /proc")
def test_job_that_begins_after_its_run_was_killed_ends():
    start = (
        "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', sys.argv[1]]).pid)"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    run = subprocess.run(
        [sys.executable, "-c", start, LATE], env=environment, stdout=subprocess.PIPE, text=True,
        check=True,
    )  # fmt: skip
    wait_until_gone([int(run.stdout.split()[0])])
