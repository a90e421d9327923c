"""Code that stands in pages of the documentation, and running it."""

import contextlib
import io
import re
from pathlib import Path
from typing import Any, NamedTuple

import torch

DOCS = Path(__file__).resolve().parents[2] / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.md"))


class Ran(NamedTuple):
    """What the code of a page left behind: its names and what it printed, block by block."""

    names: dict[str, Any]
    printed: list[str]


def blocks(page: Path) -> list[str]:
    """Return the blocks of Python of a page, in order."""
    return re.findall(r"^```python\n(.*?)^```", page.read_text("utf-8"), re.DOTALL | re.MULTILINE)


def run(page: Path, seed: int = 0) -> Ran:
    """Run the blocks of a page one after the other, in the folder in which one is."""
    torch.manual_seed(seed)
    # Dataclasses look for the module that they are defined in.
    names: dict[str, Any] = {"__name__": "__main__"}
    printed = []
    for block in blocks(page):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(compile(block, str(page), "exec"), names)
        printed.append(out.getvalue())
    return Ran(names, printed)
