"""Jobs of runs, each in a fork of a process that has imported PyTorch and the like already.

Half of what a job of the tiny study costs is to import them. A job asks for its fork in
`offline/sitecustomize.py`; `tests/rules` runs jobs without, as they start for a user.
"""

import atexit
import gc
import importlib
import json
import os
import runpy
import select
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

# Of other packages only: of this one every run imports the copy that it runs.
_PRELOADED = (
    "captum.attr", "contourpy", "jinja2", "matplotlib.backends.backend_agg",
    "matplotlib.backends.backend_svg", "matplotlib.figure", "matplotlib.style", "nibabel", "pandas",
    "PIL.Image", "pyarrow.pandas_compat", "pyarrow.parquet", "pydantic", "safetensors.torch",
    "scipy.ndimage", "scipy.stats", "sklearn.compose", "sklearn.impute", "sklearn.linear_model",
    "sklearn.metrics", "sklearn.model_selection", "snakemake.io", "snakemake.utils",
    "torch._dynamo", "torch.func", "tqdm",
)  # fmt: skip
_LONGEST = 100_000  # bytes of what a job says of itself, its environment above all


def start() -> str:
    """Start it; return its address, a socket that is there until this process ends."""
    folder = tempfile.TemporaryDirectory()
    path = os.path.join(folder.name, "jobs")
    offline = {"PYTHONPATH": str(Path(__file__).with_name("offline"))}
    server = subprocess.Popen(
        [sys.executable, __file__, path], env={**os.environ, **offline},
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert server.stdout is not None
    assert server.stdout.read(5) == b"ready"

    def end() -> None:
        server.communicate()
        folder.cleanup()

    atexit.register(end)
    return path


def _serve(path: str) -> None:
    """Fork for each job that asks, until the process that started this one ends.

    Packages are imported when the first asks: most runs of a few tests have no job.
    """
    jobs: set[int] = set()
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(path)
    listener.listen(64)
    os.write(1, b"ready")
    while listener.fileno() in select.select([0, listener.fileno()], [], [])[0]:
        connection, _ = listener.accept()
        if not jobs:
            for name in _PRELOADED:
                importlib.import_module(name)
            gc.freeze()
        if not (job := os.fork()):
            listener.close()
            connection.send(bytes([_run(connection)]))
            os._exit(0)
        connection.close()
        jobs = {job} | {own for own in jobs if os.waitpid(own, os.WNOHANG) == (0, 0)}  # reaped


def _run(connection: socket.socket) -> int:
    """Run a script as a process of its own would; return its exit code."""
    said, streams, *_ = socket.recv_fds(connection, _LONGEST, 3)
    given = json.loads(said)
    for number, file in enumerate(streams):
        os.dup2(file, number)
        os.close(file)
    os.chdir(given["folder"])
    os.environ.clear()
    os.environ.update(given["environment"])
    script = given["script"]
    sys.argv, sys.path = [script], [os.path.dirname(script), *given["path"]]
    sys.modules["numpy"].random.seed()  # as the import of each process of its own would
    code = 0
    try:
        runpy.run_path(script, run_name="__main__")
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        code = 1
    atexit._run_exitfuncs()  # which such a process leaves out
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    return code


if __name__ == "__main__":
    _serve(sys.argv[1])
