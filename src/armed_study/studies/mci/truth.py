"""What a generator of the ADNIMERGE layout knows of subjects and sites, for the labelled ones."""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pandas as pd

from armed.errors import DataError
from armed_study.io.csv_files import read_columns
from armed_study.messages import REGENERATE, listing
from armed_study.simulation.raw_files import truth_of
from armed_study.studies.mci import values


def read_subject_truth(path: Path, samples: Iterable[str]) -> pd.DataFrame:
    """Return table `truth` of these samples; raises `DataError` if one is not in the file.

    The file has columns RID, oracle and oracle_no_cluster, and perhaps others.
    """
    text = _read(path, ("RID", "oracle", "oracle_no_cluster"))
    truth = pd.DataFrame(
        {
            "sample": values.subjects(text["RID"], path).map("{:04d}".format),
            "oracle": _numbers(text["oracle"], path),
            "oracle_no_cluster": _numbers(text["oracle_no_cluster"], path),
        }
    )
    return truth_of(truth, "sample", list(samples), path)


def read_site_truth(path: Path, clusters: Iterable[str]) -> pd.DataFrame:
    """Return table `cluster_truth` of these clusters; raises `DataError` if one is not in the file.

    The file has columns SITE, quantity and value.
    """
    text = _read(path, ("SITE", "quantity", "value"))
    truth = pd.DataFrame(
        {
            "cluster": values.identifiers(text["SITE"], path),
            "quantity": values.identifiers(text["quantity"], path),
            "value": _numbers(text["value"], path),
        }
    )
    return truth_of(truth, "cluster", set(clusters), path)


def _read(path: Path, columns: tuple[str, ...]) -> pd.DataFrame:
    text, names = read_columns(path, columns) if path.is_file() else (pd.DataFrame(), [])
    absent = [name for name in columns if name not in names]
    if absent:
        raise DataError(
            f"{path}: found column {listing(names)}, expected {listing(absent)} too; {REGENERATE}"
        )
    return text


def _numbers(text: pd.Series, path: Path) -> pd.Series:
    numbers = pd.to_numeric(text, errors="coerce").astype("float64")
    values.check(~pd.Series(np.isfinite(numbers)), text, path, "a number in every row")
    return numbers
