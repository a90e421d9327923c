"""Columns of the tables that pass between rules: fields of pyarrow, with what they mean as metadata.

A column name means the same in every table, so it is described once, in `COLUMNS`; a table that
needs another type or sense for a name carries its own.
"""

from collections.abc import Sequence

import pyarrow as pa

from armed_study.vocabulary.terms import ASSIGNMENTS, EFFECTS, PARTITIONS

#: Type of a column by its name in documentation and messages.
TYPES: dict[str, pa.DataType] = {
    "str": pa.dictionary(pa.int32(), pa.string()),
    "bool": pa.bool_(),
    "int16": pa.int16(),
    "int32": pa.int32(),
    "int64": pa.int64(),
    "float32": pa.float32(),
    "float64": pa.float64(),
}


def column(
    name: str,
    kind: str,
    description: str,
    nullable: bool = False,
    *,
    optional: bool = False,
    unit: str = "",
    values: Sequence[str] = (),
) -> pa.Field:
    """Declare a column.

    Parameters
    ----------
    kind
        Key of `TYPES`.
    nullable, optional
        Whether it may hold missing values; whether a table may lack it.
    values
        What text in it may be, where it is one of few words.
    """
    metadata = {"description": description, "unit": unit, "values": " ".join(values)}
    metadata["optional"] = "yes" if optional else ""
    metadata = {key: text for key, text in metadata.items() if text}
    return pa.field(name, TYPES[kind], nullable, metadata)


_DESCRIBED = {
    "str": {
        "sample": "identifier of a sample, unique in the study",
        "cluster": "cluster of the sample: site, batch, district ...",
        "partition": "train, validation, test (of seen clusters) or unseen",
        "quantity": "what is measured, for example radius or class_ratio",
        "study": "name of the study in the configuration",
        "model": "name of the model in the configuration",
        "assignment": "which z was used: none, known, random, zero, average, marginal or membership",
        "term": "named term of the loss, or score, that the value belongs to",
        "effect": "output that was scored: fixed or mixed",
        "kind": "average (over the test samples) or at_mean (at the mean input)",
        "feature": "name of the feature",
        "metric": "name of the score",
        "interval": "how the interval was made, for example t over folds",
        "stage": "step of the preparation of the data",
        "reference": "model that the model is compared with",
        "comparison": "what a learned random effect is compared with",
        "group": "participants described: a diagnosis, or an outcome",
        "measure": "column of the source that is described",
        "test": "corrected resampled t (over folds), paired bootstrap (over unseen clusters) or none",
    },
    "int16": {
        "fold": "number of the split, from 0",
        "seed": "number of the repetition of the fold, from 0",
    },
    "int32": {
        "epoch": "number of the epoch, from 0",
        "bin": "number of the bin of predictions, from 0",
        "count": "number of samples",
        "order": "number of the stage, from 0",
        "folds": "number of folds averaged over",
        "seeds": "number of seeds averaged over in each fold",
    },
    "float32": {
        "outcome": "the outcome y; 0 or 1 when binary, the number of its class when categorical"
    },
    "float64": {
        "oracle": "P(y = 1), knowing the true parameters of the sample's cluster",
        "oracle_no_cluster": "P(y = 1) from the features alone, over the distribution of the clusters",
        "probability": "membership of the sample in the cluster, from 0 to 1; sums to 1 per sample",
        "fixed": "P(y = 1), P(class) or mean of y predicted from the fixed effects",
        "mixed": "the same, predicted with the random effects; empty if not modelled",
        "importance": "mean absolute derivative of the fixed-effects output by the feature",
        "value": "value of the quantity, loss term or score",
        "mean": "mean over folds and seeds",
        "median": "median over replicas (folds and seeds, each by itself)",
        "sd": "standard deviation over folds and seeds",
        "low": "lower end of the 95 % interval",
        "high": "upper end of the 95 % interval",
        "difference": "mean over folds of score of the model minus score of the reference",
        "standard_error": "standard error of the difference, corrected for overlapping training samples; "
        "s.d. of the draws",
        "t": "difference divided by its standard error; empty: no t-test",
        "df": "degrees of freedom of t",
        "p": "two-sided p value",
        "p_holm": "p value, Holm-adjusted over the family of tests",
        "predicted": "mean prediction in the bin",
        "observed": "mean outcome in the bin, of a binary one the share of y = 1",
        "coefficient": "log odds ratio for one standard deviation of the feature",
        "slope_sd": "s.d. over clusters of the random slope",
        "intercept_sd": "s.d. over clusters of the random intercept",
        "learned": "learned value, mean over folds and seeds",
    },
    "bool": {
        "held_out": "the source itself keeps the cluster from training",
        "probe": "the feature is a probe: confounded with the cluster",
        "trained": "the fold trains on samples of the sample's cluster; if not, its own cluster is none",
    },
}
#: Numbers that no table may lack; others are empty where they are not defined.
_ALWAYS_DEFINED = {"oracle", "oracle_no_cluster", "probability", "fixed"}
_VALUES = {"partition": PARTITIONS, "assignment": ASSIGNMENTS, "effect": EFFECTS}

COLUMNS = {
    name: column(
        name, kind, text, kind == "float64" and name not in _ALWAYS_DEFINED,
        values=_VALUES.get(name, ()),
    )
    for kind, described in _DESCRIBED.items()
    for name, text in described.items()
}  # fmt: skip


def table(
    name: str, description: str, *columns: str | pa.Field, features: bool = False
) -> pa.Schema:
    """Declare a table, key columns first; with `features` it has those of the data set too."""
    fields = [COLUMNS[c] if isinstance(c, str) else c for c in columns]
    metadata = {"table": name, "description": description, "features": "yes" if features else ""}
    return pa.schema(fields, metadata)
