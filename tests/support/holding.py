"""Jobs of Snakemake that stop at a known point until a test has done what it does to them."""

from pathlib import Path

import psutil

# Python runs this at its start. A job that opens, to write, a file whose path holds the text of the
# file that HOLD names waits there for as long as that file exists. The text is followed by a number: of
# so many such files a process opens, it waits at the last.
_CODE = """
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
    """Makes jobs of runs that are started with `environment` wait.

    Parameters
    ----------
    folder
        Where its files are; it must not exist.
    """

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        (folder / "sitecustomize.py").write_text(_CODE, encoding="utf-8")
        self._file = folder / "hold"
        self.environment = {"PYTHONPATH": str(folder), "HOLD": str(self._file)}

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
