"""Numbers of the structure of the tree, each beside its bound: part of ``make lint``.

``python -m tools.measure_structure [ROOT]`` prints the table, and what is over a bound, and exits with 1
where a bound is broken. How each number is counted:

- *files of a folder*: files directly in a folder below ``src``, but for ``__init__.py``.
- *levels*: folders of ``armed_study`` on the longest chain of imports that meets none twice. What a
  folder is, says `tools.import_chains`.
- *arrows between folders*: pairs of folders of one package of which the first imports the second; those
  *back up* are the fewest without which no circle is left; *in circles* are folders that import
  themselves by way of others. Both packages, each by itself.
- *lines of a module*: all lines of a file of Python in ``src``.
- *lines of a function body*: from its first statement behind the docstring to its end, in ``src``.
- *comments*: comments of ``src/armed``, without directives to tools, for each 100 lines that hold code.
- *lines*: all lines of Python, Snakemake, YAML, templates and captions; data, drawings and Markdown do
  not count. Of tests, Python alone. With the features of version 0.1 they were 28,709 and 18,957 (39d5826).

Where many things are counted (folders, modules, functions), the number is the largest. The column of
version 0.1 was printed by this script::

    git worktree add /tmp/v01 1f7a7b6 && python -m tools.measure_structure /tmp/v01
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tools import import_chains, source_counts
from tools.import_chains import Arrows, folders_of
from tools.source_counts import Counted

SHOWN = 5


class Number(NamedTuple):
    """A number that is printed: its name, its value in version 0.1, its bound and how it is counted.

    Bounds are upper ones but for those of which `least` is true. Without a bound a number is for
    information.
    """

    name: str
    before: float
    bound: float | None
    count: Callable[[Path], Counted]
    least: bool = False

    def state(self, value: float) -> str:
        """Return whether a value is within the bound, in a word."""
        if self.bound is None:
            return ""
        held = value >= self.bound if self.least else value <= self.bound
        return "reached" if held else "BROKEN"


def _of_both(measure: Callable[[Arrows], int]) -> Callable[[Path], Counted]:
    def count(root: Path) -> Counted:
        packages = (folders_of(root / "src", name) for name in ("armed", "armed_study"))
        return [(sum(map(measure, packages)), "src")]

    return count


def _levels(root: Path) -> Counted:
    return [(import_chains.levels(folders_of(root / "src", "armed_study")), "src/armed_study")]


def _in_circles(arrows: Arrows) -> int:
    return sum(map(len, import_chains.circles(arrows)))


NUMBERS = (
    Number("files of a folder", 57, 10, source_counts.files_per_folder),
    Number("levels of armed_study", 12, 8, _levels),
    Number("arrows between folders", 242, None, _of_both(import_chains.arrow_count)),
    Number("arrows back up", 7, 0, _of_both(import_chains.back_arrows)),
    Number("folders in circles", 10, 0, _of_both(_in_circles)),
    Number("lines of a module", 351, 200, source_counts.module_lines),
    Number("lines of a function body", 45, 40, source_counts.body_lines),
    Number("comments per 100 lines of armed", 0.6, 5, source_counts.comments_per_100, least=True),
    Number("lines of src and workflow", 30750, None, source_counts.code_lines),
    Number("lines of tests", 19774, None, source_counts.test_lines),
    Number("lines of common.smk", 374, 150, source_counts.common_lines),
    Number("files of rules", 17, 12, source_counts.rule_files),
    Number("lines of a script", 26, 20, source_counts.script_lines),
)  # fmt: skip


def report(root: Path, numbers: tuple[Number, ...] = NUMBERS) -> tuple[str, bool]:
    """Return the table of the numbers of a tree, and whether every bound holds."""
    rows = [f"{'':<32}{'0.1':>8}{'now':>8}  bound"]
    holds = True
    for number in numbers:
        found = sorted(number.count(root), reverse=True)
        value = found[0][0]
        state = number.state(value)
        holds &= state != "BROKEN"
        bound = f"{number.bound:>8g} {state}" if number.bound is not None else ""
        rows.append(f"{number.name:<32}{number.before:>8g}{value:>8g}{bound}")
        if number.bound is not None and len(found) > 1:
            over = [item for item in found if item[0] > number.bound]
            rows += [f"    {size:g} in {place}" for size, place in over[:SHOWN]]
            rows += [f"    and {len(over) - SHOWN} more"] if len(over) > SHOWN else []
    return "\n".join(rows), holds


def main(root: Path) -> int:
    """Print the table; return the exit code."""
    table, holds = report(root)
    print(table)
    return 0 if holds else 1


if __name__ == "__main__":
    here = Path(__file__).resolve().parents[1]
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else here))
