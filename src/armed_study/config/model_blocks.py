"""Blocks of which a model is made: its network, its training, and what stands around them.

Kinds of network are those found in `armed_study.networks`, with the settings that they declare.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union

from pydantic import ConfigDict, Discriminator, Field, Tag, create_model, model_validator

import armed
from armed_study.config import declared, methods
from armed_study.networks import DEFAULT as DEFAULT_NETWORK
from armed_study.studies.blocks import Block, Partial, Positive, absent, refuse

_FIT = Path(armed.__file__).parent / "training" / "fit.py"


def of_kinds(kinds: Mapping[str, type[Block]], default: str | None = None) -> Any:
    """Return the type of a block whose ``kind`` says which it is; ``default`` if it is left out."""

    def kind(block: Any) -> Any:
        return block.get("kind", default) if isinstance(block, Mapping) else next(iter(kinds))

    return tagged(kinds, kind)


def tagged(forms: Mapping[str, type[Block]], tag: Callable[[Any], Any]) -> Any:
    """Return the type of a block of one of several forms; ``tag`` tells the name of that of a value."""
    members = tuple(Annotated[form, Tag(name)] for name, form in forms.items())
    return Annotated[Union[members], Discriminator(tag)]  # noqa: UP007


def partial(name: str, settings: Iterable[declared.Setting], meaning: str, **fields: Any) -> Any:
    """Return a block of settings that a source file declares."""
    own: dict[str, Any] = {setting.name: setting.field() for setting in settings}
    return create_model(name, __base__=Partial, __doc__=meaning, **{**fields, **own})


def kind_field(kind: str, default: str) -> tuple[Any, Any]:
    """Type and field of ``kind``, which may be left out if it is the default."""
    if kind == default:
        return Literal[kind], absent(description="Which it is, and if left out.")
    return Literal[kind], Field(description="Which it is.")


NETWORKS: dict[str, type[Partial]] = {
    name: partial(
        f"{name}_network",
        network.settings,
        f"{network.summary}.",
        kind=kind_field(name, DEFAULT_NETWORK),
    )
    for name, network in methods.networks().items()
}

Training = partial(
    "training",
    declared.settings_class(_FIT),
    "How long and how fast a network is trained.",
    monitor=(
        Literal["auprc", "auroc", "log_loss"],
        absent(
            description="What early stopping maximises: auprc, auroc, or log_loss (minimised).",
        ),
    ),
)


class DenseAdversary(Partial):
    """A classifier of the cluster from all activations at once."""

    kind: Literal["dense"] = absent(description="Which it is, and if left out.")
    hidden: list[Positive] = Field(description="Widths of its hidden layers, ReLU.")


class MirroredAdversary(Partial):
    """A convolutional classifier of the cluster, of the shape of the network that it watches."""

    kind: Literal["mirrored"] = Field(description="Which it is.")
    filters: Positive = Field(
        description="Its width, in channels of the first watched block; those of the network make both "
        "as wide."
    )


class BinaryTask(Partial):
    """The network predicts the outcome."""

    kind: Literal["binary"] = absent(description="Which it is, and if left out.")


Network = of_kinds(NETWORKS, DEFAULT_NETWORK)


class ReconstructionTask(Partial):
    """The network predicts the outcome and reconstructs the image itself."""

    kind: Literal["reconstruction"] = Field(description="Which it is.")
    outcome_weight: float = absent(
        ge=0, description="Weight of the outcome's loss relative to the image's, 1."
    )
    fixed_outcome: bool = absent(
        description="Whether the fixed effects are trained to predict the outcome too; true."
    )
    appearance: Network = absent(  # type: ignore[valid-type]
        description="The network that tells clusters apart by the appearance of their images."
    )
    appearance_weight: float = absent(
        ge=0,
        description="Weight with which the mixed reconstruction is asked to look like its cluster, as "
        "that network (appearance) sees it; 0: not.",
    )


class RandomEffects(Partial):
    """Which random effects the mixed-effects methods have, each by the standard deviation of its prior."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    intercept: float = absent(gt=0, description="Random intercept.")
    hidden_slope: float = absent(
        gt=0, description="Random slopes on the last hidden features (nonlinear)."
    )
    input_slope: float = absent(gt=0, description="Random slopes on the input (linear).")
    scale_shift: float = absent(
        gt=0,
        description="A second decoder with random scales and shifts of its maps, the appearance of a "
        "cluster (network autoencoder).",
    )

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        if not self.model_fields_set:
            refuse("found none of its keys, expected at least 1; add one")
        return self


KINDS: dict[str, tuple[Mapping[str, type[Partial]], str]] = {
    "network": (NETWORKS, DEFAULT_NETWORK),
    "adversary": ({"dense": DenseAdversary, "mirrored": MirroredAdversary}, "dense"),
    "task": ({"binary": BinaryTask, "reconstruction": ReconstructionTask}, "binary"),
}
"""Blocks of several kinds: the kinds, and which it is if ``kind`` is left out."""

Adversary = of_kinds(*KINDS["adversary"])
Task = of_kinds(*KINDS["task"])
BLOCKS: dict[str, Any] = {
    "network": Network,
    "training": Training,
    "adversary": Adversary,
    "random_effects": RandomEffects,
    "task": Task,
}
"""Blocks of a study of which a model's entry may override single keys."""


def _overriding(name: str) -> Any:
    if name in KINDS:
        kinds, default = KINDS[name]
        return of_kinds({kind: block.overrides() for kind, block in kinds.items()}, default)
    return BLOCKS[name].overrides()


OVERRIDES: dict[str, Any] = {name: _overriding(name) for name in BLOCKS}
"""The same blocks as in a model's entry, where no key is required."""

MEANINGS = {
    "network": "The fixed-effects network.",
    "training": "How long and how fast a network is trained.",
    "adversary": "The classifier of the cluster that the network is to mislead.",
    "random_effects": "Which random effects the mixed-effects methods have, each by the standard "
    "deviation of its prior.",
    "task": "What a network is trained to give.",
}


class Membership(Block):
    """The classifier of the cluster whose softmax replaces the cluster of unseen samples."""

    network: Network = Field(description=MEANINGS["network"])  # type: ignore[valid-type]
    training: Training = Field(description=MEANINGS["training"])  # type: ignore[valid-type]
