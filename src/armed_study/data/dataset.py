"""The data set that passes between rules: a samples table and what its columns are."""

import json
from dataclasses import asdict, dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.data.checks import validate_samples
from armed_study.io.image_arrays import check_images, open_images
from armed_study.io.tables import cast_table, empty_table, read_parquet, write_table
from armed_study.messages import REGENERATE
from armed_study.vocabulary.outcomes import BINARY, Outcome

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
    rate_function
        Of a feature that follows the rate of the outcome in its cluster: which function of it, a name
        of `armed_study.data.cluster_rates.RATE_FUNCTIONS`. Its column then holds what is added to
        that, the noise: the rate is that of the training rows, so it differs from fold to fold.
    """

    name: str
    kind: Literal["continuous", "categorical"]
    probe: bool = False
    levels: tuple[str, ...] = ()
    rate_function: str = ""


def factor_column(factor: str) -> str:
    """Column of the samples that holds the clusters of a further factor."""
    return f"factor {factor}"


@dataclass(frozen=True)
class ClusteredDataset:
    """Samples in clusters, with their outcome; each is described by features, or is an image.

    Parameters
    ----------
    name
        Name of the study, for messages.
    samples
        Table `samples` of `armed_study.io.tables` and one column for each feature: numbers for a
        continuous one, text for a categorical one, empty where missing.
    features
        What the feature columns are, in the order in which networks get them; none with images.
    origin
        One line for captions: `generated ...`, or `real data: ...` with the citation.
    generated
        Whether a generator made the data.
    images_file
        File of the images, `.npy`, in the order of the samples: (samples, channels, size, size),
        float32, or uint8 in 1/255. It is saved by whoever makes it, next to the samples.
    outcome
        Kind of the outcome, and the names of its classes, which the samples hold the numbers of.
    factors
        Names of the cluster factors, that of ``cluster`` first, if there are further ones: samples have a
        `factor_column` of each of these, empty where a sample is of no cluster of it.
    """

    name: str
    samples: pd.DataFrame
    features: tuple[Feature, ...]
    origin: str
    generated: bool
    images_file: Path | None = None
    outcome: Outcome = BINARY
    factors: tuple[str, ...] = ()

    @cached_property
    def images(self) -> np.memmap | None:
        """The images, memory-mapped and read-only; None if samples are described by features."""
        return None if self.images_file is None else open_images(self.images_file)

    @property
    def further(self) -> dict[str, pd.Series]:
        """Clusters of the samples, of each further factor."""
        return {name: self.samples[factor_column(name)] for name in self.factors[1:]}

    def validate(self) -> None:
        """Raise `DataError` if no study can be made of the data; warn of what readers must know."""
        samples = cast_table(self.samples, "samples")
        levels = {f.name: f.levels if f.kind == "categorical" else None for f in self.features}
        validate_samples(
            self.name, samples, levels, images=self.images is not None, outcome=self.outcome
        )
        if self.images is not None:
            check_images(self.images, samples=len(samples), study=f"study '{self.name}'")

    def save(self, path: str | Path) -> None:
        """Write one Parquet file; all but the samples goes as JSON into its schema metadata.

        Of the images it holds the file's name only.
        """
        if self.images_file and self.images_file.absolute().parent != Path(path).absolute().parent:
            raise DataError(
                f"{path}: the images are in {self.images_file}, expected them in the same folder as "
                "the samples; write them there"
            )
        about = {
            "name": self.name,
            "features": [asdict(feature) for feature in self.features],
            "origin": self.origin,
            "generated": self.generated,
            **({"images": self.images_file.name} if self.images_file else {}),
            **({} if self.outcome == BINARY else {"outcome": asdict(self.outcome)}),
            **({"factors": self.factors} if self.factors else {}),
        }
        metadata = {_METADATA: json.dumps(about, sort_keys=True)}
        write_table(self.samples, path, "samples", metadata)

    @classmethod
    def load(cls, path: str | Path) -> "ClusteredDataset":
        """Read what `save` wrote; `DataError` names a file that is damaged or something else."""
        content = read_parquet(path, "samples")
        try:
            about = json.loads((content.schema.metadata or {})[_METADATA.encode()])
            described = [{**given, "levels": tuple(given["levels"])} for given in about["features"]]
            features = tuple(Feature(**given) for given in described)
            samples = cast_table(content.to_pandas(), "samples")
            file = Path(path).parent / about["images"] if "images" in about else None
            given = about.get("outcome", asdict(BINARY))
            outcome = Outcome(given["kind"], tuple(given["classes"]))
            own = (
                about["origin"],
                about["generated"],
                file,
                outcome,
                tuple(about.get("factors", ())),
            )
            return cls(about["name"], samples, features, *own)
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            raise DataError(
                f"{path}: the description of the data set is absent from the file or damaged, "
                f"expected a samples.parquet of this workflow; {REGENERATE}"
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

    def save(self, files: Any) -> None:
        """Check the dataset, and write it and the tables, each to the one of the files of its name."""
        self.dataset.validate()
        self.dataset.save(files["samples"])
        for name in ("truth", "cluster_truth", "display", "flow", "descriptives"):
            write_table(getattr(self, name), files[name], name)
