"""What the paper is told of a study that no table says: its data, protocol, figures and settings."""

from collections.abc import Mapping
from typing import Any

from armed_study.config import figures
from armed_study.config.claims import planning as claims
from armed_study.config.effects import FIGURES, PlannedEffects
from armed_study.config.planning import PlannedStudy


def describe(study: PlannedStudy) -> dict[str, Any]:
    """Return a study as plain data.

    Key ``source`` names the table that a package ships, `package/item`, nothing for other data; ``columns``
    the columns of a table that the configuration names.
    """
    source = study.settings["data"].get("source")
    shipped = source if isinstance(source, Mapping) and "package" in source else {}
    return {
        "name": study.name,
        "title": study.block.title,
        "kind": study.block.kind,
        "protocol": study.block.protocol,
        "compare_with": study.block.compare_with or "",
        "data": study.origin,
        "source": "/".join(shipped.values()),
        "columns": _columns(study.settings["data"]),
        "figures": {name: figures.about(name)["label"] for name in study.figures},
        "models": {name: study.method(name).name for name in study.trained_models},
        **{key: study.settings[key] for key in ("training", "splits", "network")},
    }


def _columns(data: Mapping[str, Any]) -> dict[str, Any]:
    """Columns of a table by their role; nothing of data whose kind knows them."""
    if "outcome" not in data:
        return {}
    given = data.get("features", "all")
    return {
        "outcome": data["outcome"]["column"],
        "cluster": data["cluster"],
        "features": [] if given == "all" else given,
        "file": data.get("file", ""),
    }


def tables(studies: Mapping[str, PlannedStudy], of_effects: PlannedEffects | None) -> list[str]:
    """Return the files of the tables that the paper may look numbers up in."""
    named = [f"{name}/{table}" for name, study in studies.items() for table in claims.made(study)]
    if of_effects is not None:
        named += [f"effects/{table}" for table in claims.OF_EFFECTS]
    return [f"<results>/tables/{name}.csv" for name in dict.fromkeys(named)]


def figures_of(
    studies: Mapping[str, PlannedStudy], of_effects: PlannedEffects | None
) -> dict[str, list[str]]:
    """Return the names of the figures of each study, those of effects last."""
    named = {name: list(study.figures) for name, study in studies.items()}
    return named if of_effects is None else named | {"effects": list(FIGURES)}
