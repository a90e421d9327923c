"""What a job prints is in its log, and its error is one line on the terminal too."""

import subprocess
import sys

import pytest

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
