"""A study as the workflow asks for it: its files, models and settings, as plain data.

It runs while the workflow is parsed, so it imports nothing heavy.
"""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from armed_study import studies as kinds
from armed_study.config import figures
from armed_study.config.models import Configuration
from armed_study.config.study_models import StudyModels
from armed_study.provenance import users_files
from armed_study.vocabulary.outcomes import KINDS


class PlannedStudy(StudyModels):
    """A study: its models, what it is made from, and what is made of it."""

    @property
    def published_values(self) -> str:
        """Name of the published values that are shown with its own."""
        return self.block.published_values or self.name

    @property
    def folds(self) -> int:
        """How many folds it has at most, those that leave clusters out among them."""
        return self.block.splits.folds + (self.block.splits.unseen.folds or 0)

    @cached_property
    def kind(self) -> Any:
        """What its kind declares."""
        return kinds.load(self.block.kind)

    @cached_property
    def generated(self) -> bool:
        """Whether a rule writes its raw files; else they are the user's."""
        return bool(self.kind.raw_files(self._data))

    @property
    def raw_rule(self) -> str | None:
        """Rule that writes its raw files; None if they are the user's."""
        return self.kind.RAW_RULE if self.generated else None

    @property
    def raw_files(self) -> list[str]:
        """Raw files: under results where a rule writes them, else the user's own."""
        written = [f"<results>/{self.name}/raw/{file}" for file in self.kind.raw_files(self._data)]
        return written or list(self.kind.user_files(self._data))

    @property
    def raw_content(self) -> list[str]:
        """Hash of each of the user's raw files; of those that a rule writes, Snakemake knows the change."""
        users = () if self.generated else self.kind.user_files(self._data)
        return [users_files.content(path) for path in users]

    @property
    def images(self) -> str | None:
        """What the images of the samples are prepared from, scans or frames; None without images."""
        return getattr(self.kind, "IMAGES", None)

    @property
    def fold_files(self) -> dict[str, str]:
        """Files of its folds by name, as `armed_study.training.load` reads them: features, or images."""
        files = {name: f"{name}.parquet" for name in ("samples", "splits", "display")}
        encoded = {"features": "features.npy", "columns": "features.parquet"}
        files |= {"images": "images.npy"} if self.images else {**encoded, "points": "display.npy"}
        return {name: f"<results>/{self.name}/{file}" for name, file in files.items()}

    def image_files(self, shard: str) -> list[str]:
        """Files of one shard of the images: the generated tree, or the user's."""
        if self.generated:
            return [f"<results>/{self.name}/raw/{self.kind.TREE}"]
        return list(self.kind.part_files(self._data, shard))

    def image_content(self, shard: str) -> str:
        """Hash of what a shard of the user's images is made of: names, sizes and times of its files."""
        state = () if self.generated else self.kind.part_state(self._data, shard)
        return users_files.digest(state)

    @property
    def users_tree(self) -> str | None:
        """Root of the user's tree of images, or the table that lists them; None if they are generated."""
        return None if self.generated else str(self._data["source"]["path"])

    @property
    def prepare_module(self) -> str:
        """Module that makes its data."""
        return f"{kinds.__name__}.{self.block.kind}.prepare"

    @property
    def data_settings(self) -> dict[str, Any]:
        """What its data are made by: its kind and what the kind reads of the configuration."""
        own = getattr(self.kind, "data_settings", None)
        data = own(self.settings, self.seed) if own else self._data
        return {"kind": self.block.kind, "data": data}

    @property
    def origin(self) -> str:
        """Where the data come from, in a few words for captions."""
        return self.kind.origin(self._data)

    @property
    def _data(self) -> Mapping[str, Any]:
        return self.settings["data"]

    @cached_property
    def figures(self) -> list[str]:
        """Figures that it has."""
        own = figures.of_study(self.settings, known=self.generated, outcome=self.outcome)
        return list(dict.fromkeys([*own, *getattr(self.kind, "FIGURES", ())]))

    @property
    def pages(self) -> list[str]:
        """Tables and pages, as HTML, that not all studies have."""
        return [*getattr(self.kind, "PAGES", ()), *self.model_pages]

    @property
    def outcome(self) -> str:
        """Kind of its outcome."""
        own = getattr(self.kind, "outcome", None)
        return str(own(self._data)) if own else "binary"

    @property
    def metrics(self) -> list[str]:
        """Metrics of its performance figure and table, the first one first."""
        return list(self.kind.METRICS if self.outcome == "binary" else KINDS[self.outcome].shown)

    @property
    def balanced(self) -> bool:
        """Whether folds balance the outcome within clusters, so that its null is computed."""
        return self.block.splits.stratify != "cluster"

    @property
    def targets(self) -> list[str]:
        """Every figure, table and page."""
        drawn = [f"<results>/figures/{self.name}/{figure}.svg" for figure in self.figures]
        some = {"optimism.csv": self.block.compare_with, "split_null.csv": self.balanced}
        tables = ["performance_table.csv", *(f"{page}.html" for page in self.pages)]
        tables += [name for name, is_there in some.items() if is_there]
        return [*drawn, *(f"<results>/tables/{self.name}/{table}" for table in tables)]

    def departures(self, other: "PlannedStudy") -> dict[str, Any]:
        """What its protocol does differently from that of another study, for table `optimism`.

        Models that stop early, by which fold differs; whether it trains on what the other one keeps
        for validation; whether its labels are made by another rule.
        """
        both = (self, other)
        watched = {study.settings["training"].get("early_stopping_partition") for study in both}
        validation = {study.settings["splits"]["validation"] for study in both}
        labels = {study.data_settings["data"].get("protocol") for study in both}
        stops = {
            m for m in self.network_models if self.model_settings(m)["training"].get("patience")
        }
        rows = {name: row["alias_of"] for name, row in self.derived_rows.items()}
        models = [m for m in self.block.models if rows.get(m, m) in stops]
        return {
            "stopped": models if len(watched) > 1 else [],
            "more_rows": len(validation) > 1,
            "relabelled": len(labels) > 1,
        }

    @property
    def record(self) -> dict[str, Any]:
        """What the record of a run tells of it, apart from its tables."""
        return {
            "title": self.block.title,
            "kind": self.block.kind,
            "data": self.origin,
            "models": len(self.trained_models),
            "networks": len(self.network_models),
            "seeds": self.block.splits.seeds,
        }


def plan(config: Configuration) -> dict[str, PlannedStudy]:
    """Return the studies of a configuration by name."""
    blocks: Mapping[str, Any] = config.studies
    return {
        name: PlannedStudy(name, block, under_protocol(block.plain()), config.seed)
        for name, block in blocks.items()
    }


def under_protocol(settings: dict[str, Any]) -> dict[str, Any]:
    """Settings of a study as its protocol has them.

    `published` is that of the published study, for comparison: training stops by the fold whose
    result is reported, so nothing is set aside for validation, and results come out optimistic; gradients
    move random effects; no settings are searched for.
    """
    if settings["protocol"] != "published":
        return settings
    splits = settings["splits"] | {"validation": 0.0}
    training = settings["training"] | {"early_stopping_partition": "test"}
    effects = {"estimated": False} | (settings.get("random_effects") or {})
    changed = {"splits": splits, "training": training, "random_effects": effects, "tuning": {}}
    return settings | {key: value for key, value in changed.items() if settings.get(key)}
