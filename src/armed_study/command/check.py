"""`armed check`: the report on the clusters of a table, with advice in words."""

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armed.errors import ConfigError
from armed_study.command.clusters.advice import sections
from armed_study.command.clusters.report import report_clusters
from armed_study.command.init import lines, notes_of
from armed_study.command.request import assumed_study, read_as_study
from armed_study.command.run import read_config

_CONFIGURATIONS = (".yaml", ".yml")


def check(options: argparse.Namespace) -> int:
    """Print the report of a table, or of each study of tables of a configuration; returns 0.

    Raises
    ------
    ConfigError, DataError
        For what the workflow would refuse, too.
    """
    if options.table.suffix.lower() in _CONFIGURATIONS:
        config, folder = read_config(options.table), options.table.parent
        names = _table_studies(options.table, config)
    else:
        if not options.outcome or not options.cluster:
            raise ConfigError(
                "found a table without --outcome and --cluster, expected both, or a configuration; say "
                "which columns they are"
            )
        folder = Path()
        name, _, config = assumed_study(options, folder)
        names = [name]
    for name in names:
        dataset, warned = read_as_study(name, config, folder)
        found = report_clusters(dataset)
        print(f"{name}: {config['studies'][name].get('title', name)}\n")
        said = sections(found, dataset, config["studies"][name])
        print("\n".join(lines([*said, *notes_of(warned)])))
    return 0


def _table_studies(path: Path, config: dict[str, Any]) -> list[str]:
    found = [name for name, block in config["studies"].items() if _is_of_file(block or {})]
    if not found:
        raise ConfigError(
            f"{path}: has no study of a table in a file (kind table or images, data.source.path), expected "
            "one, as `armed check` reads no other data; the study itself checks those"
        )
    return found


def _is_of_file(block: Mapping[str, Any]) -> bool:
    source = (block.get("data") or {}).get("source")
    return (
        block.get("kind") in ("table", "images")
        and isinstance(source, Mapping)
        and "path" in source
    )
