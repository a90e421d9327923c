"""A figure is one new file: it is planned for its studies, explained, and tested with all others."""

import shutil

from running import ROOT, copy_tree, jobs, python, succeed

NAME = "fold_scores"
FILE = '''"""Figure of every score, fold by fold."""

import pandas as pd
from matplotlib.figure import Figure

from armed_study.figures.heading import Heading, drawing

FIGURE = {
    "label": "Scores of folds",
    "title": "scores of folds",
    "nothing": "No score was computed.",
    "kinds": ("spirals",),
    "reads": {"scores": "study"},
    "finding": "{% if look.has('fold_scores') %}There are {{ look.count('fold_scores') }} scores.{% endif %}",
    "caption": """
**Scores of {name}**, one dot a fold and seed, of every model, metric and partition: what is behind the
means that the figure of performance shows.
""",
}
COLUMNS = ("model", "metric", "fold", "value")


@drawing(FIGURE, COLUMNS)
def draw(table: pd.DataFrame, heading: Heading) -> Figure:
    """Draw a row for each model."""
    figure, body = heading.canvas(3)
    axis = body.subplots()
    models = sorted(set(table["model"]))
    axis.plot(table["value"], table["model"].map(models.index), "o", alpha=0.5)
    axis.set_yticks(range(len(models)), [name.replace("_", " ") for name in models])
    axis.set_xlabel("Score")
    return figure
'''


def test_a_figure_added_as_one_file_is_planned_and_tested(tmp_path):
    copy_tree(tmp_path)
    before = jobs(succeed("--dry-run", cwd=tmp_path))
    family = tmp_path / "src" / "armed_study" / "figures" / "performance"
    (family / f"{NAME}.py").write_text(FILE, encoding="utf-8")
    after = jobs(succeed("--dry-run", cwd=tmp_path))
    assert after == before | {"plot_figure": before["plot_figure"] + 1}
    for name in ("tests/contract", "tests/support"):
        shutil.copytree(ROOT / name, tmp_path / name)
    tests = ("tests/contract/test_figures.py", "-q", "-n", "0", "-k", NAME)
    assert " passed" in python("-m", "pytest", *tests, cwd=tmp_path)
