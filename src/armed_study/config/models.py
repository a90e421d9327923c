"""The whole configuration, typed: what may be written, what it means, and what it is if left out.

Kinds of study, methods and networks are those found, each with what it declares in its own file.
"""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Literal

from pydantic import ConfigDict, ValidationInfo, create_model, field_validator

from armed_study import studies
from armed_study.config import model_blocks
from armed_study.config.curves.settings import LearningCurves
from armed_study.config.effects import Effects
from armed_study.config.entries import Claim, Model, ModelName, complete_entries
from armed_study.config.tuning.blocks import Tuning
from armed_study.studies.blocks import Block, Name, Positive, Text, absent, key, refuse, without

TAKEN = ("effects",)
"""Target and folder of results that are no study's."""
StudyName = without(Name, TAKEN)


class Unseen(Block):
    """Which clusters are held out whole."""

    scheme: Literal["none", "held_out", "named", "smallest", "seen_largest", "leave_out"] = key(
        "none, held_out (those that the source declares), named, smallest, seen_largest (all "
        "others), or leave_out (each in turn)."
    )
    clusters: list[str] = absent("Names of the unseen clusters (named).", min_length=1)
    count: Positive = absent("How many clusters are unseen (smallest) or seen (seen_largest).")
    folds: int = absent("Parts to which the clusters are dealt (leave_out).", ge=2)


class Splits(Block):
    """How samples are dealt to training, validation, test and unseen parts."""

    model_config = ConfigDict(
        json_schema_extra={
            "if": {"required": ["test"], "properties": {"test": {"type": "number"}}},
            "else": {"properties": {"folds": {"minimum": 2}}},
        }
    )

    test: float | None = absent(
        "Share of the samples that each fold tests, drawn again for each fold (Monte Carlo); null: "
        "every sample is tested in one fold (cross-validation).",
        gt=0,
        le=0.5,
    )
    folds: int = key(
        "Parts of the stratified cross-validation of seen clusters, at least 2; with `test`, how "
        "often it is drawn.",
        json_schema_extra={"minimum": 1},
    )
    seeds: Positive = key("Repetitions of each fold with other initial values and sample orders.")
    validation: float = key(
        "Share of the samples outside the test part that early stopping watches.",
        default=0.0,
        ge=0,
        lt=1,
    )
    stratify: Literal["cluster", "outcome_cluster"] = key(
        "What folds balance: cluster (clusters only, as new samples would come) or outcome_cluster "
        "(the outcome within each cluster, or finer strata where the kind of study has them). The "
        "latter flatters models that know the cluster; by how much, stands with the table of "
        "performance.",
        default="cluster",
    )
    small_strata: Literal["error", "merge"] = key(
        "Strata (outcome in a cluster) with fewer samples than folds: error, or merge over "
        "clusters.",
        default="error",
    )
    unseen: Unseen = key(str(Unseen.__doc__))

    @field_validator("folds")
    @classmethod
    def _check_folds(cls, folds: int, info: ValidationInfo) -> int:
        least = 2 if info.data.get("test") is None else 1
        if folds < least:
            refuse(f"found {folds}, expected at least {least}; correct it")
        return folds


class Study(Block):
    """A study: its data, how they are split, and the models that are compared."""

    kind: str = key(
        "Folder of src/armed_study/studies that makes the dataset; its own blocks are below."
    )
    family: StudyName = key(  # type: ignore[valid-type]
        "Name of the target that makes this study and others of the same family."
    )
    title: str = key("Name of the study in figures and in the report.")
    protocol: Literal["proposed", "published_labels", "published"] = key(
        "proposed, or published: as the published study trained and labelled, where it departed "
        "from its own method. There, training stops by the fold whose result is reported, so "
        "results are optimistic; for comparison only. published_labels: labels alone as published, "
        "which tells what they make of it from what the rest does.",
        default="proposed",
    )
    published_values: str = absent(
        "Name of the published values that are shown with ours; the study's own name if left out."
    )
    compare_with: str = absent(
        "Study of which this one is another protocol; a table shows its scores and ours side by "
        "side."
    )
    splits: Splits = key(str(Splits.__doc__))
    few_shot: list[Positive] = key(
        "Numbers of labelled samples of an unseen cluster that models with random effects are given, their "
        "networks untouched; none: []. Clusters with no more samples (or groups) than the largest are left "
        "out of these scores.",
        default=[1, 5, 20],
    )
    learning_curves: LearningCurves | None = absent(str(LearningCurves.__doc__))
    standardize: bool = key(
        "Whether continuous features are brought to mean 0 and standard deviation 1 (on the "
        "training part of each fold)."
    )
    network: model_blocks.Network = key(model_blocks.BLOCKS["network"])
    training: model_blocks.Training = key(model_blocks.BLOCKS["training"])
    adversary: model_blocks.Adversary = absent(model_blocks.BLOCKS["adversary"])
    random_effects: model_blocks.RandomEffects = absent(model_blocks.BLOCKS["random_effects"])
    task: model_blocks.Task = absent(model_blocks.BLOCKS["task"])
    membership: model_blocks.Membership = key(str(model_blocks.Membership.__doc__))
    tuning: Tuning | None = absent(str(Tuning.__doc__).split("\n", maxsplit=1)[0])
    models: dict[ModelName, Model] = key(
        "The models by name, in the order of tables and figures; the name is the method unless the "
        "entry says otherwise.",
        min_length=1,
    )

    _complete_entries = field_validator("models", mode="before")(complete_entries)


def _study(kind: str) -> type[Study]:
    """Return the block of a kind of study: with its own ``data``, and what else it brings."""
    own = import_module(f"{studies.__name__}.{kind}.settings")
    known = key(f"Folder of src/armed_study/studies that makes the dataset, {kind}.")
    more = {"data": own.Data, **getattr(own, "BLOCKS", {})}
    fields: dict[str, Any] = {name: (block, key(block.__doc__)) for name, block in more.items()}
    fields["kind"] = (Literal[kind], known)
    return create_model(f"{kind}_study", __base__=Study, __doc__=Study.__doc__, **fields)


STUDIES = {kind: _study(kind) for kind in studies.available()}
AnyStudy = model_blocks.of_kinds(STUDIES)


class Agent(Block):
    """Who runs the workflow, for the crate of a run (`snakemake export_crate`)."""

    name: Text = key("Name of the person.")
    orcid: str = absent(
        "ORCID of the person, as an address.",
        pattern=r"^https://orcid\.org/\d{4}-\d{4}-\d{4}-\d{3}[\dX]$",
    )
    affiliation: Text = absent("Organisation that the person belongs to.")


class Configuration(Block):
    """What is studied and how; where files go and what machine does the work is not said here."""

    seed: int = key(
        "Seed of everything random; streams are derived from it by study, model, fold and "
        "repetition.",
        ge=0,
    )
    reference_model: str = key(
        "Model that the others are compared with in the tables of tests; every study must train it."
    )
    studies: dict[StudyName, AnyStudy] = key(  # type: ignore[valid-type]
        "The studies by name; the name becomes a folder under results. null leaves out one of a file that "
        "this one is laid over.",
        min_length=1,
    )
    effects: Effects | None = absent(f"{Effects.__doc__} null: none.")
    claims: dict[Name, Claim] = absent(
        "Claims that are judged by the tables of the studies, by name, in the order of the scorecard."
    )
    agent: Agent = absent(f"{Agent.__doc__} Without it the crate names nobody.")
    pathvars: dict[str, str] = absent(
        "Other places for results, logs and benchmarks, as Snakemake reads them."
    )

    @field_validator("studies", mode="before")
    @classmethod
    def _without_null(cls, given: Any) -> Any:
        if not isinstance(given, Mapping):
            return given
        return {name: study for name, study in given.items() if study is not None}
