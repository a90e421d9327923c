"""Steps of a benchmark in processes of their own."""

from __future__ import annotations

import os
import subprocess
import sys


def fresh(program: str, step: str, *values: object) -> str:
    """Run ``program --step STEP VALUES`` in a new process and return what it prints.

    The caller itself should do nothing, as the peak of memory of a process is at least that of the one
    it was started by.
    """
    command = [sys.executable, program, "--step", step, *map(str, values)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, env=environment, stdout=subprocess.PIPE, text=True, check=True
    ).stdout
