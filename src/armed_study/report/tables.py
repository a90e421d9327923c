"""Tables for readers: numbers with intervals as text, and pages, which need no network."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import accumulate
from typing import Any

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from armed_study.report.published import COLUMNS
from armed_study.vocabulary.formatting import MINUS, NONE, interval_text, number_text
from armed_study.vocabulary.labels import (
    ASSIGNMENTS,
    COMPONENTS,
    metric_label,
    model_label,
    order_metrics,
    order_models,
    partition_label,
)
from armed_study.vocabulary.reported import reported

#: Browsers open nothing larger (2 MB as base64) from inside another page, as a report does.
MOST_BYTES = 1_500_000

_PAGE, _ROW = "tables.html.j2", "row.html.j2"
_LABELS = {
    "model": model_label,
    "reference": model_label,
    "less_model": model_label,
    "metric": metric_label,
    "partition": partition_label,
    "assignment": lambda name: ASSIGNMENTS.get(name, name),
    "less_assignment": lambda name: ASSIGNMENTS.get(name, name),
    "component": lambda name: COMPONENTS.get(name, name),
}
_HEADERS = {"p_holm": "p (Holm)", "sd": "s.d.", "df": "d.f.", "t": "t", "p": "p", "z": "z"}
_HEADERS |= {"icc": "ICC", "lme4_icc": "lme4 ICC", "lme4_variance": "lme4 variance"}
_HEADERS |= {"sd_replicas": "s.d. over replicas", "posterior_sd": "posterior s.d."}
# Columns that `low` and `high` may belong to.
_CENTRES = ("mean", "value", "share", "observed", "difference")

_MEDIANS = ("accuracy",)  # metrics whose median over replicas is shown too


@cache
def template(name: str) -> Template:
    """Load a template of this package, in which text is escaped, by the name of its file."""
    environment = Environment(
        loader=PackageLoader("armed_study.report"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True,
    )  # fmt: skip
    return environment.get_template(name)


def to_html(frame: pd.DataFrame, *, title: str, caption: str = "") -> str:
    """Write a table as one HTML page that can be sorted by a click on a column's head.

    Models, metrics and partitions get their readable names; `low` and `high` next to `mean` or
    `value` become one column such as ``0.788 (0.780 to 0.796)``; missing cells show a dash. Of a table
    that is too long for a page in a report the first rows are shown, and the page says so.
    """
    table = _table(frame)
    said = " ".join(filter(None, (caption.strip(), str(table["note"]))))
    return template(_PAGE).render(title=title, caption=said, tables=[table])


def to_page(tables: Mapping[str, pd.DataFrame], *, title: str, caption: str = "") -> str:
    """Write several tables as one page, as `to_html` does one, each under its name as a heading."""
    sections = [_table(frame) | {"heading": heading} for heading, frame in tables.items()]
    return template(_PAGE).render(title=title, caption=caption, tables=sections)


def _table(frame: pd.DataFrame) -> dict[str, object]:
    """Give head, rows of HTML, and what is to be said if not all of these have room on a page."""
    frame = fold_intervals(frame)
    columns = [[_cell(value, str(name)) for value in frame[name]] for name in frame]
    numeric = [_is_numeric(cells) for cells in columns]
    rows = [
        template(_ROW).render(
            cells=[(*cell, number) for cell, number in zip(row, numeric, strict=True)]
        )
        for row in zip(*columns, strict=True)
    ]
    shown = _rows_that_fit(rows)
    note = f"The first {shown:,} of {len(rows):,} rows; all are in the CSV of the same name."
    return {
        "heading": "",
        "head": list(zip(map(_header, map(str, frame.columns)), numeric, strict=True)),
        "rows": rows[:shown],
        "note": note if shown < len(rows) else "",
    }


def performance_table(summary: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Give one row for each model on seen (test) and unseen clusters, all metrics as text.

    Parameters
    ----------
    summary
        The summary table of one or several studies; what each model is reported by
        is shown.
    published
        Published values (`armed_study.report.published`); each gets a column next to ours, and a row of its
        own where the model is none of ours.
    """
    shown = reported(summary)
    keys = ["study", "model", "partition", "assignment"]
    shown = shown.astype(dict.fromkeys((*keys, "metric", "interval"), str))
    printed = published[list(COLUMNS)].itertuples(index=False, name=None)
    paper = {one[:4]: interval_text(*one[4:]) for one in printed}
    rows = []
    key: Any
    for key, part in shown.groupby(keys, sort=False):
        study, model, partition, assignment = key
        used = ASSIGNMENTS.get(assignment, assignment) if model != "oracle" else "true cluster"
        row = {"study": study, "partition": partition_label(partition), "model": model}
        row |= {"cluster used": used, "unseen": partition == "unseen"}
        item: Any
        for item in part.itertuples():
            name = metric_label(item.metric)
            row[name] = interval_text(item.mean, item.low, item.high)
            row[f"{name}, median"] = number_text(item.median)
            row[f"{name}, published"] = paper.get((study, model, partition, item.metric))
        rows.append(row | {"interval": "; ".join(sorted(set(part["interval"])))})
    frame = pd.DataFrame([*rows, *_of_others(shown, published, paper)])
    frame["place"] = frame["model"].map(order_models(frame["model"]).index)
    frame = frame.sort_values(["study", "unseen", "place"], kind="stable", ignore_index=True)
    columns = ["study"] if frame["study"].nunique() > 1 else []
    columns += ["partition", "model", "cluster used"]
    for metric in order_metrics(shown["metric"]):
        name = metric_label(metric)
        columns += [name, *([f"{name}, median"] if metric in _MEDIANS else [])]
        columns += [f"{name}, published"] * bool(frame[f"{name}, published"].notna().any())
    return frame[[*columns, "interval"]]


def _of_others(
    shown: pd.DataFrame, published: pd.DataFrame, paper: Mapping[tuple[str, ...], str]
) -> Iterator[dict[str, Any]]:
    """Rows of published models that none of the studies trains."""
    others = published[published["study"].isin(shown["study"])]
    others = others[~others["model"].isin(shown["model"])]
    for key, metrics in others.groupby(["study", "model", "partition"], sort=False)["metric"]:
        study, model, partition = map(str, key)
        row = {"study": study, "partition": partition_label(partition), "model": model}
        row |= {f"{metric_label(m)}, published": paper[study, model, partition, m] for m in metrics}
        yield row | {"unseen": partition == "unseen", "interval": NONE}


def fold_intervals(frame: pd.DataFrame) -> pd.DataFrame:
    """Make one column of text of `low`, `high` and `mean`, `value`, `share` or `observed`."""
    centre = next((name for name in _CENTRES if name in frame), None)
    if centre is None or not {"low", "high"} <= set(frame.columns):
        return frame
    rows = zip(frame[centre], frame["low"], frame["high"], strict=True)
    texts = [interval_text(*map(float, row)) for row in rows]
    frame = frame.assign(**{centre: pd.Series(texts, index=frame.index, dtype=object)})
    return frame.drop(columns=["low", "high"]).rename(columns={centre: f"{centre} (interval)"})


def _cell(value: Any, column: str) -> tuple[str, str]:
    """Give the text of a cell and the key it is sorted by."""
    if value is None or value is pd.NA or value != value or value == NONE:
        return NONE, ""
    if isinstance(value, str):
        text: Any = _LABELS[column](value) if column in _LABELS else value
        return text, text.replace(MINUS, "-")
    if value is True or value is False or type(value).__name__ == "bool":
        return ("yes", "yes") if value else ("no", "no")
    number = value.item() if hasattr(value, "item") else value
    if column == "df":  # a float in the table, where other tests have none
        number = int(number)
    key = repr(number) if isinstance(number, int) else f"{number:.6g}"
    if re.fullmatch(r"p(_.*)?", column) and number < 0.001:
        return "< 0.001", key
    return number_text(number), key


def _is_numeric(cells: Sequence[tuple[str, str]]) -> bool:
    keys = [key for _, key in cells if key]
    number = re.compile(r"[-+]?\d[\d,]*(\.\d+)?(e[-+]?\d+)?( \(.*\))?")  # not a version
    return bool(keys) and all(number.fullmatch(key) for key in keys)


def _header(name: str) -> str:
    name = name.replace("_", " ") if name not in _HEADERS else _HEADERS[name]
    return name if name in _HEADERS.values() else name[:1].upper() + name[1:]


def _rows_that_fit(rows: Sequence[str]) -> int:
    """How many of the first rows a page has room for."""
    sizes = accumulate(len(row.encode()) + 1 for row in rows)
    return sum(size < MOST_BYTES - 10_000 for size in sizes)
