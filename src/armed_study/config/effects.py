"""The study of effects whose variance is known: what may be written, and what it plans."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationInfo, field_validator

from armed_study.config import model_blocks
from armed_study.config.entries import (
    Alias,
    Model,
    ModelName,
    complete_entries,
    method_of,
    modules_of,
    network_module,
    settings_of,
)
from armed_study.config.model_blocks import BLOCKS
from armed_study.studies.blocks import Block, Positive, absent, key, refuse
from armed_study.vocabulary.terms import LINEAR

FIGURES = {
    "documented_variances": "tables of R packages; lme4's variances from MixedBench (Kipnis 2026, CC BY 4.0)",
    "simulated_variances": "generated: random intercepts, and a nonlinear fixed part of ten features",
    "coverage": "generated",
}
"""Figures of the study, with where their data are from."""
PAGES = ("documented", "grid")


class FixedParts(Block):
    """The network that takes the place of the linear fixed part of documented models, by cross-validation."""

    least_rows: Positive = key("Rows that a model must have.")
    most_rows: Positive = key("Rows that it may have.")
    folds: int = key("Parts to which the rows of each cluster are dealt.", ge=2)
    network: model_blocks.Network = key(BLOCKS["network"])
    training: model_blocks.Training = key(BLOCKS["training"])


class Documented(Block):
    """Mixed models whose variances by lme4 are documented, fitted with a linear fixed part."""

    most_rows: Positive = absent("Models of tables with more rows are left out.")
    fixed_parts: FixedParts = key(str(FixedParts.__doc__))


class Grid(Block):
    """Simulated clusters of known variance: every combination of the four lists is a cell."""

    outcomes: list[Literal["binary", "continuous"]] = key("Outcomes.", min_length=1)
    clusters: list[Annotated[int, Field(ge=2)]] = key("Numbers of seen clusters.", min_length=1)
    variances: list[Annotated[float, Field(ge=0)]] = key(
        "Variances of the distribution that random intercepts are drawn from.", min_length=1
    )
    sizes: list[Literal["balanced", "unbalanced"]] = key(
        "Whether clusters have equally many samples, or very different numbers.", min_length=1
    )
    samples_per_cluster: int = key("Mean number of training samples of a cluster.", ge=2)
    test_samples: int = key("Test samples of seen, and of unseen clusters.", ge=2)
    replicates: Positive = key("Draws of each cell.")
    most_steps: Positive = absent(
        "Minibatches after which a cell has no further epoch, but for the first; the same for all models."
    )
    network: model_blocks.Network = key(BLOCKS["network"])
    training: model_blocks.Training = key(BLOCKS["training"])
    adversary: model_blocks.Adversary = absent(BLOCKS["adversary"])
    random_effects: model_blocks.RandomEffects = absent(BLOCKS["random_effects"])
    models: dict[ModelName, Model] = key(
        "The networks by name. A mixed model with a linear fixed part, and the truth, stand beside them.",
        min_length=1,
    )

    _complete_entries = field_validator("models", mode="before")(complete_entries)

    @field_validator("random_effects")
    @classmethod
    def _check_effects(cls, effects: Any) -> Any:
        if effects is not None and effects.formula is not None:
            refuse("found a formula, expected intercept and slopes of the one factor; name them")
        return effects

    @field_validator("training")
    @classmethod
    def _check_training(cls, training: Any) -> Any:
        if training.patience is not None:
            refuse(
                f"found patience {training.patience}, expected none, as cells have no validation part; "
                "leave it out"
            )
        return training

    @field_validator("models")
    @classmethod
    def _check_models(cls, models: dict[str, Any], info: ValidationInfo) -> dict[str, Any]:
        for name, entry in models.items():
            if name == LINEAR:
                refuse(f"the name '{name}' is that of the linear fit, expected another; rename it")
            if isinstance(entry, Alias):
                refuse(f"found '{name}' with alias_of, expected networks; leave it out")
            method = method_of({"models": {name: entry.plain()}}, name)
            if not method.is_network:
                refuse(f"found '{name}' of method '{method.name}', expected networks; leave it out")
            given = {block for block in method.blocks if info.data.get(block) is not None}
            lacking = [b for b in method.blocks if b not in given and getattr(entry, b) is None]
            if lacking:
                refuse(
                    f"'{name}' needs the block '{lacking[0]}', found none, expected it; add {lacking[0]}"
                )
        return models


class Effects(Block):
    """Effects whose variance is known (target `effects`): documented mixed models, a simulated grid."""

    documented: Documented = key(str(Documented.__doc__))
    grid: Grid = key(str(Grid.__doc__))


@dataclass(frozen=True)
class PlannedEffects:
    """The study as the workflow asks for it."""

    settings: Mapping[str, Any]

    @cached_property
    def cells(self) -> dict[str, dict[str, Any]]:
        """What the generator of each cell draws, by the cell's name."""
        grid = self.settings["grid"]
        shared = {name: grid[name] for name in ("samples_per_cluster", "test_samples")}
        lists = (grid["outcomes"], grid["clusters"], grid["variances"], grid["sizes"])
        return {
            f"{outcome}_{clusters}_{variance:g}_{sizes}": {
                "outcome": outcome,
                "clusters": clusters,
                "variance": variance,
                "sizes": sizes,
                **shared,
            }
            for outcome, clusters, variance, sizes in product(*lists)
        }

    @property
    def models(self) -> list[str]:
        """Names of the networks of the grid."""
        return list(self.settings["grid"]["models"])

    def models_of(self, cell: str) -> dict[str, dict[str, Any]]:
        """Method and settings of each network of a cell: epochs are fewer where they have many steps."""
        grid, models = self.settings["grid"], {}
        samples = self.cells[cell]["clusters"] * grid["samples_per_cluster"]
        for name in self.models:
            settings = settings_of(grid, name)
            training = settings["training"]
            most = grid.get("most_steps", math.inf) // -(-samples // training["batch_size"])
            settings["training"] = training | {"epochs": int(max(1, min(training["epochs"], most)))}
            models[name] = {"method": method_of(grid, name).name, "settings": settings}
        return models

    @property
    def replicates(self) -> int:
        """Draws of each cell."""
        return self.settings["grid"]["replicates"]

    @property
    def modules(self) -> list[str]:
        """Modules that training in the grid imports by name."""
        grid = self.settings["grid"]
        return sorted({module for name in self.models for module in modules_of(grid, name)})

    @property
    def fixed_part_modules(self) -> list[str]:
        """Modules that training on documented models imports by name."""
        return ["armed.methods.armed", network_module(self.fixed_parts["network"])]

    @property
    def fixed_parts(self) -> dict[str, Any]:
        """Settings of the networks that take the place of linear fixed parts."""
        return self.settings["documented"]["fixed_parts"]

    @property
    def documented_rows(self) -> dict[str, int]:
        """Bounds of the rows of documented models that are fitted."""
        return {k: v for k, v in self.settings["documented"].items() if k == "most_rows"}

    @property
    def targets(self) -> list[str]:
        """Every figure and page."""
        figures = [f"<results>/figures/effects/{name}.svg" for name in FIGURES]
        return [*figures, *(f"<results>/tables/effects/{page}.html" for page in PAGES)]


def plan(block: Effects) -> PlannedEffects:
    """Return the study of a configuration."""
    return PlannedEffects(block.plain())
