"""How a job starts, what goes to its log, and that it ends with the run that started it."""

import errno
import gc
import logging
import os
import sys
import threading
import time
import warnings
from pathlib import Path

# MKL rounds a matrix product by how it lies in memory, so by the place of a replica among others in training,
# unless it is told not to before its first call. It costs nothing measurable.
_REPRODUCIBLE = ("MKL_CBWR", "AUTO,STRICT")

_THREADS = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")

# What imports make is no garbage, and to look for it in them takes a tenth of their time or more: importing
# PyTorch with pandas 3.20 s instead of 2.85 s, pandas with matplotlib 1.55 s instead of 1.32 s. They make
# 475,000 objects where PyTorch is among them.
_OBJECTS_BEFORE_COLLECTION = 500_000

_SECONDS_BETWEEN_CHECKS = 0.2
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def start(log: str, threads: int) -> None:
    """Send standard error, standard output and warnings to ``log``; use ``threads`` threads.

    Call it before numpy or torch is imported: they read the number of threads once. A traceback that
    ends the job is written to the log too, and its last line to the terminal. The job ends when the run
    that started it is killed.
    """
    end_with_parent()
    gc.set_threshold(_OBJECTS_BEFORE_COLLECTION)
    for name in _THREADS:
        os.environ[name] = str(threads)
    os.environ.setdefault(*_REPRODUCIBLE)
    Path(log).parent.mkdir(parents=True, exist_ok=True)
    terminal = sys.stderr
    sys.stderr = sys.stdout = Path(log).open("w", encoding="utf-8", buffering=1)  # noqa: SIM115
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(message)s")
    logging.captureWarnings(True)
    warnings.simplefilter("default")
    previous = sys.excepthook

    def report(kind: type[BaseException], error: BaseException, trace: object) -> None:
        # The terminal first: the log may be on the disk that is full.
        full = isinstance(error, OSError) and error.errno in _FULL
        remedy = "; make room and run the workflow again" if full else ""
        print(f"{kind.__name__}: {error}{remedy} (log: {log})", file=terminal)
        previous(kind, error, trace)  # type: ignore[arg-type]

    sys.excepthook = report


def import_from(folder: Path) -> None:
    """Let Python processes that this one starts look for packages in ``folder`` first.

    Scripts then use the package beside their workflow. Snakemake hands its folder on to them, too (in conda
    environments nothing else is), but last: another copy, which is installed, would be found before.
    """
    others = os.environ.get("PYTHONPATH")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, (str(folder), others)))


def end_with_parent() -> None:
    """End this process, from a thread of its own, soon after its parent has ended.

    A run that is killed cannot end its jobs. They would go on, and write what the next run reads.
    """
    parent = os.getppid()
    if parent == 1 and os.getpgrp() != 1:  # ended already, unless the run itself is process 1
        os._exit(1)

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_SECONDS_BETWEEN_CHECKS)
        os._exit(1)  # no cleaning up: half-written files are known by their names

    threading.Thread(target=watch, name="end with parent", daemon=True).start()
