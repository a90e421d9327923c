"""The data set that passes between rules: a samples table and what its columns are."""

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

import pandas as pd

from armed.errors import DataError
from armed_study.tables import cast_table, empty_table, read_parquet, write_table
from armed_study.validation import validate_samples

_METADATA = "dataset"


@dataclass(frozen=True)
class Feature:
    """One feature: its name, its kind, and the levels of a categorical one.

    Parameters
    ----------
    name
        Column of the samples table.
    kind
        `continuous` or `categorical`.
    probe
        Whether it was made to be confounded with the cluster.
    levels
        Levels of a categorical feature, the reference first. A schema of the whole table (which
        answers exist), not something fitted to it.
    """

    name: str
    kind: Literal["continuous", "categorical"]
    probe: bool = False
    levels: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClusteredDataset:
    """Samples in clusters, with binary outcome.

    Parameters
    ----------
    name
        Name of the study, for messages.
    samples
        Table `samples` of `armed_study.tables` and one column for each feature: numbers for a
        continuous one, text for a categorical one, empty where missing.
    features
        What the feature columns are, in the order in which networks get them.
    origin
        One line for captions: `generated ...`, or `real data: ...` with the citation.
    generated
        Whether a generator made the data.
    """

    name: str
    samples: pd.DataFrame
    features: tuple[Feature, ...]
    origin: str
    generated: bool

    def validate(self) -> None:
        """Raise `DataError` if no study can be made of the data; warn of what readers must know."""
        validate_samples(self.name, cast_table(self.samples, "samples"), self.features)

    def save(self, path: str | Path) -> None:
        """Write one Parquet file; all but the samples goes as JSON into its schema metadata."""
        about = {
            "name": self.name,
            "features": [asdict(feature) for feature in self.features],
            "origin": self.origin,
            "generated": self.generated,
        }
        metadata = {_METADATA: json.dumps(about, sort_keys=True)}
        write_table(self.samples, path, "samples", metadata)

    @classmethod
    def load(cls, path: str | Path) -> "ClusteredDataset":
        """Read what `save` wrote; `DataError` names a file that is damaged or something else."""
        content = read_parquet(path, "samples")
        try:
            about = json.loads((content.schema.metadata or {})[_METADATA.encode()])
            features = tuple(
                Feature(**{**given, "levels": tuple(given["levels"])})
                for given in about["features"]
            )
            samples = cast_table(content.to_pandas(), "samples")
            return cls(about["name"], samples, features, about["origin"], about["generated"])
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise DataError(
                f"{path}: the description of the data set is absent from the file or damaged, "
                "expected a samples.parquet of this workflow; delete it and run the workflow again"
            ) from error


@dataclass(frozen=True)
class Prepared:
    """What a study's `prepare` returns; all but the first have no rows where a study has none."""

    dataset: ClusteredDataset
    truth: pd.DataFrame = field(default_factory=lambda: empty_table("truth"))
    cluster_truth: pd.DataFrame = field(default_factory=lambda: empty_table("cluster_truth"))
    display: pd.DataFrame = field(default_factory=lambda: empty_table("display"))
    flow: pd.DataFrame = field(default_factory=lambda: empty_table("flow"))
    descriptives: pd.DataFrame = field(default_factory=lambda: empty_table("descriptives"))
