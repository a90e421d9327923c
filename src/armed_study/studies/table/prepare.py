"""Study kind `table`: any table with an outcome, a cluster and feature columns."""

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import ArmedWarning, ConfigError
from armed_study.data.checks import units
from armed_study.data.dataset import ClusteredDataset, Feature, Prepared
from armed_study.io.tables import cast_table, empty_table
from armed_study.messages import counted, listing
from armed_study.studies.table import RAW
from armed_study.studies.table.columns import (
    find_columns,
    select_features,
    warn_of_repetition,
    without_row_names,
)
from armed_study.studies.table.factors import factors_of, read_factors
from armed_study.studies.table.missing import treat_missing, without_incomplete
from armed_study.studies.table.names import one_form, unique_names
from armed_study.studies.table.outcomes import permute_outcomes, read_outcome
from armed_study.studies.table.packaged import origin_of, read_package
from armed_study.studies.table.reading import RawTable, read_raw
from armed_study.studies.table.values import (
    levels_of,
    number_feature,
    refuse_missing,
    tell_of_missing_groups,
)
from armed_study.vocabulary.outcomes import Outcome


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
        The study's `data` block, as `armed_study.studies.table.settings.Data` has it.
    raw
        The raw file under any name; empty: the file at `data.source.path`.

    Returns
    -------
    Prepared
        Samples in the order of their names, so that nothing drawn depends on that of the file's
        rows. Without `sample` the names are the numbers of the rows.

    Raises
    ------
    ConfigError, DataError
        Settings or a table of which no study can be made.
    """
    source = _source(settings)
    where = next(iter(raw.values())) if raw else source.get("path", "")
    what = f"study '{study}'"
    table = read_raw(where, source, settings.get("missing_values") or ("",))
    names = find_columns(table.fields, settings, what)
    fields = without_row_names(table.fields, settings, what)
    if settings.get("incomplete_rows") == "drop":
        fields = without_incomplete(fields, names, what)
    chosen = select_features(fields, settings, names, what)
    columns, features = _features(RawTable(fields, table.orders), chosen, settings, what)
    columns, features = treat_missing(columns, features, settings.get("missing", "impute"), what)
    identifiers, outcome = _identifiers(fields, names, settings, what)
    samples = identifiers.join(columns)
    warn_of_repetition(table.fields, samples, what)
    samples = samples.join(read_factors(fields, settings, what))
    samples = _treat_small(samples, settings.get("small_clusters", "error"), study)
    samples = samples.sort_values("sample", kind="stable", ignore_index=True)
    if settings.get("permute_outcome"):
        samples = permute_outcomes(samples, settings["seed"])
    own = cast_table(samples, "samples"), features, origin_of(settings)
    about: dict[str, Any] = {"outcome": outcome, "factors": factors_of(settings)}
    dataset = ClusteredDataset(study, *own, generated=False, **about)
    dataset.validate()
    return Prepared(dataset, display=empty_table("display", [*columns]))


def _features(
    table: RawTable, chosen: list[str], settings: Mapping[str, Any], what: str
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """Return the columns of the features, numbers and names, and what they are."""
    decimal, distinct = _decimal(settings), settings.get("distinct_forms") or ()
    features, columns = [], {}
    for name in chosen:
        column = table.fields[name]
        if name in (settings.get("categorical") or ()):
            subject = f"{what}: feature '{name}'"
            columns[name], became = one_form(column, subject, distinct=name in distinct)
            order = [became.get(level, level) for level in table.orders.get(name, ())]
            levels = levels_of(columns[name], subject, order)
            features.append(Feature(name, "categorical", levels=levels))
        else:
            columns[name] = number_feature(column, what, decimal=decimal)
            features.append(Feature(name, "continuous"))
    return pd.DataFrame(columns, table.fields.index), tuple(features)


def _identifiers(
    fields: pd.DataFrame,
    names: Mapping[str, str | None],
    settings: Mapping[str, Any],
    what: str,
) -> tuple[pd.DataFrame, Outcome]:
    """Return what table `samples` holds besides features, and the kind of outcome."""
    distinct = settings.get("distinct_forms") or ()

    def read(role: str) -> pd.Series:
        name = str(names[role])
        subject = f"{what}: column '{name}' (data.{role})"
        (tell_of_missing_groups if role == "group" else refuse_missing)(fields[name], subject)
        if role == "sample":
            return unique_names(fields[name], subject, distinct=name in distinct)
        return one_form(fields[name], subject, distinct=name in distinct)[0]

    numbers = [f"{row:0{len(str(len(fields)))}d}" for row in range(1, len(fields) + 1)]
    column, apart = fields[str(names["outcome"])], names["outcome"] in distinct
    outcome, kind = read_outcome(
        column, settings["outcome"], what, distinct=apart, decimal=_decimal(settings)
    )
    table = pd.DataFrame(
        {
            "sample": read("sample") if names["sample"] else numbers,
            "cluster": read("cluster"),
            "group": read("group") if names["group"] else None,
            "outcome": outcome,
            "held_out": False,
        },
        fields.index,
    )
    return table, kind


def _decimal(settings: Mapping[str, Any]) -> str:
    return str((settings.get("source") or {}).get("decimal") or ".")


def _source(settings: Mapping[str, Any]) -> dict[str, Any]:
    source = settings.get("source") or {}
    of_file = {"separator", "decimal", "encoding"} if "path" in source else set()
    if set(source) - of_file not in ({"path"}, {"package", "item"}):
        raise ConfigError(
            f"data.source holds {listing(source)}, expected either path, or package and item; "
            "correct it"
        )
    return dict(source)


def _treat_small(samples: pd.DataFrame, choice: str, study: str) -> pd.DataFrame:
    if choice not in ("error", "held_out", "drop"):
        raise ConfigError(
            f"study '{study}': data.small_clusters is '{choice}', expected error, held_out or "
            "drop; correct it"
        )
    if choice == "error":
        return samples
    count = units(samples).groupby(samples["cluster"]).transform("nunique")
    small = samples.loc[count < 2, "cluster"]
    if len(small):
        warnings.warn(
            f"study '{study}': cluster {listing(sorted(set(small)))} ({counted(len(small), 'row')}) has "
            "fewer than 2 samples or groups, expected at least 2; as data.small_clusters says, "
            + ("dropped" if choice == "drop" else "held out"),
            ArmedWarning,
            stacklevel=3,
        )
    return samples[count >= 2] if choice == "drop" else samples.assign(held_out=count < 2)
