"""What holds of every figure there is: see `armed_study.figures.catalogue`."""

from __future__ import annotations

import ast
import re
from collections import Counter
from functools import cache
from pathlib import Path

import matplotlib.style
import pandas as pd
import pytest
from matplotlib.figure import Figure
from matplotlib.text import Text

import armed_study.figures
import figure_cases
from armed.errors import DataError
from armed_study.config import figures as declared
from armed_study.figures import catalogue, style
from armed_study.figures.heading import Heading, columns_of
from armed_study.io.schemas import TABLES
from armed_study.io.tables import read_table, write_table
from armed_study.report.paper.findings import finding
from armed_study.report.paper.lookups import Lookups
from armed_study.vocabulary.labels import model_label
from armed_study.vocabulary.terms import ORACLES
from figure_text import coded, painted, refuse_collisions, texts

FIGURES = catalogue.available()
HEADING = Heading("Spirals", "generated, no one real", generated=True)
FOLDER = Path(armed_study.figures.__file__).parent
STRANGE = "_{} $0-$10 \\frac{{^ & <b> 50%"  # what matplotlib or a page might take for its own
STATISTICS = {
    "agg", "apply", "boxplot", "corr", "cumsum", "hist", "mean", "median", "nanmean", "percentile",
    "prod", "quantile", "rank", "std", "sum", "transform", "var",
}  # fmt: skip
OF_OTHER_TABLES = {
    "boundaries", "calibration", "latent_maps", "observed", "reconstructions", "roc", "simulated_variances",
    "validation",
}  # fmt: skip
"""Figures whose sentence is written by tables that are no figure's."""
# By figure, so that what tests only look at is drawn by one worker, once.
EVERY = pytest.mark.parametrize("name", FIGURES, scope="module")


@cache
def made(name: str, heading: Heading = HEADING) -> tuple[pd.DataFrame, Figure]:
    return catalogue.make(name, figure_cases.given(name), heading)


@cache
def saved(name: str, folder: Path) -> Figure:
    """A figure that is laid out, as it is saved."""
    figure = catalogue.make(name, figure_cases.given(name), HEADING)[1]
    style.save(figure, folder / f"{name}.svg", folder / f"{name}.png")
    return figure


@cache
def shown(name: str, folder: Path) -> list[Text]:
    """The texts of a figure that is laid out."""
    with pytest.MonkeyPatch.context() as patch:
        return painted(saved(name, folder), patch)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("figures")


def test_no_two_families_have_a_figure_of_the_same_name() -> None:
    files = Counter(
        path.stem for path in FOLDER.glob("*/*.py") if "\nFIGURE = " in path.read_text()
    )
    assert files == Counter(FIGURES)


def calculations(code: str) -> set[str]:
    """Statistics that code calls for, and arithmetic between columns of tables."""
    nodes = list(ast.walk(ast.parse(code)))
    called = {one.func.attr for one in nodes
              if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute)}  # fmt: skip
    columns = {ast.unparse(one) for one in nodes
               if isinstance(one, ast.BinOp) and named(one.left) and named(one.right)}  # fmt: skip
    return called & STATISTICS | columns


def named(node: ast.AST) -> bool:
    """Whether code is a column by its name, `table["name"]`."""
    return isinstance(node, ast.Subscript) and isinstance(getattr(node.slice, "value", None), str)


def test_calculations_of_figures_are_found() -> None:
    assert calculations("x = t['a'].groupby(t['b']).mean()") == {"mean"}
    assert calculations("x = t['a'] - t['b']") == {"t['a'] - t['b']"}
    assert calculations("x = 100 * t['a'] + room") == set()


def test_figures_draw_and_compute_no_statistics() -> None:
    files = [path for path in FOLDER.glob("*/*.py") if path.name != "__init__.py"]
    found = {path.stem: made for path in files if (made := calculations(path.read_text()))}
    assert len(files) > 25
    assert found == {"sites": {"median"}}  # of the sizes of dots, which one the legend shows


@EVERY
def test_figure_is_explained_with_study_and_setting(name: str) -> None:
    study = {"interpretation": {"threshold": 0.5, "samples": 20}}
    said = declared.caption(name, "my_study", study, known=True)
    assert "my_study" in said
    assert len(said) > 100
    about = declared.about(name)
    assert about["section"] in ("Data", "Figures")
    assert len(about["label"]) > 5


@EVERY
def test_figure_reads_tables_that_are_declared(name: str) -> None:
    files = [file for file, _ in declared.reads(name).values()]
    unknown = [file for file in files if file.endswith(".parquet") and file[:-8] not in TABLES]
    assert files
    assert unknown == []
    given = set(figure_cases.given(name))
    assert given >= {Path(file).stem for file in files}


@EVERY
def test_table_has_the_declared_columns_and_rows(name: str) -> None:
    table = made(name)[0]
    module = catalogue.load(name)
    assert list(table.columns) == columns_of(module.FIGURE, getattr(module, "COLUMNS", ()))
    assert len(table)


@EVERY
def test_figure_is_the_same_from_text_and_from_the_categories_of_files(
    name: str, tmp_path: Path
) -> None:
    given = figure_cases.given(name)
    of_jobs = hasattr(catalogue.load(name), "table")  # takes its table from those of other jobs
    for key in [key for key, value in given.items() if isinstance(value, pd.DataFrame)]:
        if of_jobs:
            given[key] = coded(given[key])
        else:
            write_table(given[key], tmp_path / key, key)
            given[key] = read_table(tmp_path / key, key)
    table, figure = catalogue.make(name, given, HEADING)
    pd.testing.assert_frame_equal(table, made(name)[0], check_dtype=False)
    assert texts(figure) == texts(made(name)[1])


@EVERY
def test_heading_names_study_and_origin_and_generated_data_only(name: str) -> None:
    text = texts(made(name)[1])
    assert "Spirals: " in text
    assert "Generated, no one real" in text
    assert "(generated data)" in text
    real = Heading("Contraception", "real data")
    assert "generated" not in texts(made(name, real)[1])


@EVERY
def test_every_model_of_the_table_is_named(name: str) -> None:
    table, figure = made(name)
    text = texts(figure).replace("\n", " ")
    for model in set(table.get("model", [])) - {"", "truth", *ORACLES}:
        if model == model and name != "gradcam_sites":  # which draws one model only
            assert model_label(model).split(",")[0] in text


@EVERY
def test_what_a_figure_shows_is_said_in_a_sentence_of_its_numbers(name: str) -> None:
    tested = dict.fromkeys(("partition", "metric", "model"), "") | {"reference": "armed"}
    own = {one: made(one)[0] for one in {name, "attribution"}}
    tables = {("s", one): table for one, table in own.items()}
    tables["s", "comparisons"] = pd.DataFrame([tested])
    said = finding(Lookups(tables, "s"), name)
    assert bool(said) == (name not in OF_OTHER_TABLES)
    assert re.fullmatch(r"[A-Z0-9](?!.* [.,;)]).*\d.*\.|", said)


def strange(value: object) -> object:
    """A table whose clusters, features and xenografts have names that mean something elsewhere."""
    if not isinstance(value, pd.DataFrame):
        return value
    named = value.columns.intersection(["cluster", "own_cluster", "feature", "reason", "pdx"])
    text = value[named].select_dtypes(exclude=["number", "bool"]).astype(object)
    return value.assign(**text.map(lambda name: STRANGE.format(name) if name else name))


@EVERY
def test_names_are_drawn_as_they_are(
    name: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = figure_cases.given(name)
    plain = {text.get_text() for text in shown(name, folder)}
    changed = {key: strange(value) for key, value in given.items()}
    figure = catalogue.make(name, changed, Heading("Costs ($0-$10 and $a_"))[1]
    with matplotlib.style.context(style.RC_PARAMS, after_reset=True):  # as it is saved in
        drawn = painted(figure, monkeypatch)
    assert not any(text.get_parse_math() for text in drawn)
    assert "Costs ($0-$10 and $a_: " in texts(figure)
    names = {str(value) for key in given if isinstance(table := given[key], pd.DataFrame)
             for column in ("cluster", "feature") if column in table for value in table[column]}  # fmt: skip
    wanted = {STRANGE.format(one) for one in plain & names if not one.isdigit()}
    assert name == "slices" or wanted <= {
        text.get_text() for text in drawn
    }  # which cuts long names


@EVERY
def test_a_foreign_table_is_refused_by_name(name: str) -> None:
    with pytest.raises(DataError, match=f"figure '{name}'"):
        catalogue.load(name).draw(pd.DataFrame({"other": [1]}), HEADING)


@EVERY
def test_nothing_to_show_is_said_in_a_sentence(name: str) -> None:
    module = catalogue.load(name)
    figure = module.draw(made(name)[0].iloc[:0], HEADING)
    assert module.FIGURE["nothing"] in texts(figure)
    assert module.FIGURE["nothing"].startswith("No ")


@EVERY
def test_files_are_the_same_byte_by_byte_whatever_the_user_settings(
    name: str, folder: Path, tmp_path: Path
) -> None:
    saved(name, folder)
    with matplotlib.rc_context({"font.size": 20, "lines.linewidth": 9, "svg.hashsalt": "other"}):
        again = catalogue.make(name, figure_cases.given(name), HEADING)[1]
        style.save(again, tmp_path / f"{name}.svg", tmp_path / f"{name}.png")
    for file in (f"{name}.svg", f"{name}.png"):
        assert (tmp_path / file).read_bytes() == (folder / file).read_bytes()
        assert len((tmp_path / file).read_bytes()) > 1000
    assert "<dc:date>" not in (tmp_path / f"{name}.svg").read_text()
    assert not list(tmp_path.glob(".*"))


@EVERY
def test_no_text_overlaps_another_or_leaves_the_figure(name: str, folder: Path) -> None:
    assert len(shown(name, folder)) > 5
    refuse_collisions(saved(name, folder), shown(name, folder))


@EVERY
def test_every_panel_shows_something(name: str, folder: Path) -> None:
    empty = [
        axis
        for axis in saved(name, folder).axes
        if axis.axison and not axis.has_data() and not axis.texts and axis.get_xticks().size
    ]
    assert empty == []
