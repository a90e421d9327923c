"""The numbers of the structure, counted on small trees whose numbers are known."""

from textwrap import dedent

import pytest
from tools import import_chains, measure_structure, source_counts

from running import ROOT


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dedent(text), encoding="utf-8")
    return folder


def arrows(**imports):
    """A graph: each folder with the folders it imports, as letters."""
    return {name: frozenset(others) for name, others in imports.items()}


CHAIN = arrows(a="bc", b="c", c="d", d="")
TWO_CIRCLES = arrows(a="b", b="a", c="d", d="ec", e="c")


def test_levels_are_folders_of_the_longest_chain():
    assert import_chains.levels(CHAIN) == 4
    assert import_chains.levels(arrows(a="b", b="c", c="a", d="a")) == 4  # d, a, b, c


def test_circles_are_found_and_a_chain_has_none():
    assert import_chains.circles(CHAIN) == []
    assert import_chains.circles(TWO_CIRCLES) == [frozenset("ab"), frozenset("cde")]


@pytest.mark.parametrize(
    ("graph", "expected"),
    [
        (CHAIN, 0),
        (TWO_CIRCLES, 2),  # of a and b either; c to d leaves no circle of the others
        (arrows(a="bc", b="ca", c="ab"), 3),
    ],
)
def test_back_arrows_are_the_fewest_that_leave_no_circle(graph, expected):
    assert import_chains.back_arrows(graph) == expected


def test_folders_import_by_their_modules_and_loose_modules_stand_alone(tmp_path):
    files = {
        "invented/__init__.py": "",
        "invented/loose.py": "",
        "invented/low/__init__.py": "from invented import loose",
        "invented/low/one.py": "from invented.low.two import f",
        "invented/low/two.py": "def f(): ...",
        "invented/high/__init__.py": "",
        "invented/high/three.py": "def g():\n    from invented.low.one import f",
    }
    assert import_chains.folders_of(write(tmp_path, files), "invented") == arrows(
        **{
            "invented": "",
            "invented.loose": "",
            "invented.low": ["invented.loose"],
            "invented.high": ["invented.low"],
        }
    )


MODULE = """
    '''Docstring
    of two lines.'''

    import os  # a comment

    # another one
    x = 1  # noqa: E741


    def f(
        a,
    ):
        '''Docstring.'''

        def g():
            return 1

        return g
"""


def test_comments_are_counted_without_directives_and_code_without_docstrings():
    assert source_counts.comments_and_code(dedent(MODULE)) == (2, 8)


def test_bodies_begin_behind_the_docstring(tmp_path):
    write(tmp_path, {"src/a.py": MODULE})
    assert source_counts.body_lines(tmp_path) == [(4, "src/a.py:16"), (1, "src/a.py:17")]


def test_files_of_folders_are_counted_without_init_and_caches(tmp_path):
    names = ("__init__.py", "a.py", "b.csv", "low/c.py", "__pycache__/a.pyc")
    write(tmp_path, {f"src/{name}": "" for name in names})
    assert sorted(source_counts.files_per_folder(tmp_path)) == [(1, "src/low"), (2, "src")]


def test_lines_are_those_of_code_and_captions(tmp_path):
    names = ("src/a.py", "src/data.csv", "workflow/Snakefile", "workflow/rules/common.smk",
             "workflow/report/a.rst", "workflow/page.md", "workflow/scripts/b.py", "tests/test_a.py",
             "tests/a.yaml")  # fmt: skip
    write(tmp_path, dict.fromkeys(names, "1\n2\n"))
    assert source_counts.code_lines(tmp_path)[0][0] == 10
    assert source_counts.test_lines(tmp_path)[0][0] == 2
    assert source_counts.common_lines(tmp_path)[0][0] == 2
    assert source_counts.rule_files(tmp_path)[0][0] == 1
    assert source_counts.script_lines(tmp_path) == [(2, "workflow/scripts/b.py")]


def number(value, bound, **more):
    return measure_structure.Number("invented", 0, bound, lambda _: [(value, "here")], **more)


@pytest.mark.parametrize(
    ("given", "state", "holds"),
    [
        (number(3, 3), "reached", True),
        (number(4, 3), "BROKEN", False),
        (number(4, None), "4", True),
        (number(4, 5, least=True), "BROKEN", False),
        (number(5, 5, least=True), "reached", True),
    ],
)
def test_only_a_broken_bound_is_an_error(tmp_path, given, state, holds):
    table, held = measure_structure.report(tmp_path, (given,))
    assert table.splitlines()[-1].endswith(state)
    assert held == holds


def test_places_over_a_bound_are_named(tmp_path):
    write(tmp_path, {"src/long.py": "\n" * 9, "src/short.py": "\n"})
    lines = measure_structure.Number("lines", 0, 5, source_counts.module_lines)
    assert measure_structure.report(tmp_path, (lines,))[0].endswith("    9 in src/long.py")


def test_bounds_hold_in_this_tree():
    table, holds = measure_structure.report(ROOT)
    assert holds, table
