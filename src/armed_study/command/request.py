"""From the options of the command to a study whose table has been read."""

import argparse
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armed.errors import ArmedWarning
from armed_study.command.assumed.assumptions import Assumed, TableRequest, assume
from armed_study.command.assumed.configuration import configuration, name_of
from armed_study.command.clusters.images import with_measures
from armed_study.config import checks, planning
from armed_study.data.dataset import ClusteredDataset
from armed_study.splits import make_splits
from armed_study.studies.table import prepare


def request_of(options: argparse.Namespace) -> TableRequest:
    """What the options say of a table."""
    source = {
        name: value
        for name in ("separator", "decimal", "encoding")
        if (value := getattr(options, name)) is not None
    }
    return TableRequest(
        options.table, options.outcome, tuple(options.cluster), group=options.group,
        sample=options.sample, features=options.features, exclude=options.exclude, kind=options.kind,
        positive=options.positive, source=source,
    )  # fmt: skip


def assumed_study(options: argparse.Namespace, folder: Path) -> tuple[str, Assumed, dict[str, Any]]:
    """Return the name of the study of a table, what is assumed of it, and its configuration.

    The path of the table is relative to ``folder``, where the study will be run.
    """
    request = request_of(options)
    assumed = assume(request)
    assumed.data["source"]["path"] = os.path.relpath(options.table, folder)
    name = name_of(options.table) if not getattr(options, "name", None) else options.name
    return name, assumed, configuration(assumed, name=name, factors=request.clusters[1:])


def read_as_study(
    name: str, config: Mapping[str, Any], folder: Path
) -> tuple[ClusteredDataset, list[str]]:
    """Read the table as the study will: the data set, and what its log will warn of.

    Of images it has measures as features.

    Parameters
    ----------
    name
        Of the study.
    config
        The configuration.
    folder
        Where the study will be run; paths are relative to it.

    Raises
    ------
    ConfigError, DataError
        For a configuration that the workflow would refuse, or a table of which no study can be made.
    """
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        planned = planning.plan(checks.read(config))[name]
        data = planned.data_settings["data"]
        path = folder / data["source"]["path"]
        if planned.images:
            dataset = with_measures(name, data, path)
        else:
            dataset = prepare.prepare(name, data, {"table": path}).dataset
        settings = {
            key: value for key, value in planned.settings["splits"].items() if key != "seeds"
        }
        make_splits.make_splits(dataset, **settings, seed=0)
    texts = (str(one.message) for one in caught if issubclass(one.category, ArmedWarning))
    return dataset, list(dict.fromkeys(texts))
