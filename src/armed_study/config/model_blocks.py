"""Blocks of which a model is made: its network, its training, and what stands around them.

Kinds of network are those found in `armed_study.networks`, with the settings that they declare.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self, Union

from pydantic import ConfigDict, Discriminator, Tag, create_model, model_validator

import armed
from armed_study.config import methods
from armed_study.data.mixed.random_effects import read_random_effects
from armed_study.networks import DEFAULT as DEFAULT_NETWORK
from armed_study.studies.blocks import Block, Partial, Positive, absent, key, readable, refuse

_KIND, _DEFAULT_KIND = "Which it is.", "Which it is, and if left out."


def of_kinds(kinds: Mapping[str, type[Block]], default: str | None = None) -> Any:
    """Return the type of a block whose ``kind`` says which it is; ``default`` if it is left out."""

    def kind(block: Any) -> Any:
        return block.get("kind", default) if isinstance(block, Mapping) else next(iter(kinds))

    return tagged(kinds, kind)


def tagged(forms: Mapping[str, type[Block]], tag: Callable[[Any], Any]) -> Any:
    """Return the type of a block of one of several forms; ``tag`` tells the name of that of a value."""
    members = tuple(Annotated[form, Tag(name)] for name, form in forms.items())
    return Annotated[Union[members], Discriminator(tag)]  # noqa: UP007


def partial(name: str, settings: methods.Settings, meaning: str, **fields: Any) -> Any:
    """Return a block of settings that a source file declares."""
    return create_model(name, __base__=Partial, __doc__=meaning, **{**fields, **settings})


NETWORKS: dict[str, type[Partial]] = {
    name: partial(
        f"{name}_network",
        settings,
        f"{summary}.",
        kind=(Literal[name], absent(_DEFAULT_KIND) if name == DEFAULT_NETWORK else key(_KIND)),
    )
    for name, (summary, settings) in methods.networks().items()
}

_LIBRARY = Path(armed.__file__).parent

Augmentation = partial(
    "augmentation",
    methods.settings_class(_LIBRARY / "data" / "augmentation.py"),
    "How images of training minibatches are changed at random.",
)

Training = partial(
    "training",
    methods.settings_class(
        _LIBRARY / "training" / "optimizers.py", AugmentationSettings=Augmentation
    ),
    "How long and how fast a network is trained.",
    monitor=(
        Literal["auprc", "auroc", "log_loss"],
        absent(
            "What early stopping maximises: auprc (if left out), auroc, or log_loss (minimised; the only "
            "one, and if left out, of an outcome that is not binary)."
        ),
    ),
)


class _Adversary(Partial):
    learning_rate_factor: float = absent(
        "Its learning rate, in units of the network's (if left out 1); a network evades an adversary that "
        "is no faster than itself without hiding the cluster.",
        gt=0,
    )
    bounded: bool = absent(
        "Whether the network raises it only up to that of a guess, log K; if left out without bound."
    )


class DenseAdversary(_Adversary):
    """A classifier of the cluster from all activations at once."""

    kind: Literal["dense"] = absent(_DEFAULT_KIND)
    hidden: list[Positive] = key("Widths of its hidden layers, ReLU.")
    layers: Literal["all", "last"] = absent(
        "Which hidden layers it watches: all (if left out, as published) or the last one alone; maps near "
        "an image cannot hide what the image shows."
    )


class MirroredAdversary(_Adversary):
    """A convolutional classifier of the cluster, of the shape of the network that it watches."""

    kind: Literal["mirrored"] = key(_KIND)
    filters: Positive = key(
        "Its width, in channels of the first watched block; those of the network make both as wide."
    )


class BinaryTask(Partial):
    """The network predicts the outcome."""

    kind: Literal["binary"] = absent(_DEFAULT_KIND)


Network = of_kinds(NETWORKS, DEFAULT_NETWORK)


class ReconstructionTask(Partial):
    """The network predicts the outcome and reconstructs the image itself."""

    kind: Literal["reconstruction"] = key(_KIND)
    outcome_weight: float = absent("Weight of the outcome's loss relative to the image's, 1.", ge=0)
    changed_images: bool = absent("Whether images are reconstructed if augmented, too; true.")
    fixed_outcome: bool = absent("Whether fixed effects are to predict the outcome, too; true.")
    appearance: Network = absent(  # type: ignore[valid-type]
        "The network that tells clusters apart by the appearance of their images."
    )
    appearance_weight: float = absent(
        "Weight of the mixed reconstruction's likeness to its cluster, as that network sees it; 0: not.",
        ge=0,
    )


class RandomEffects(Partial):
    """Which random effects the mixed-effects methods have, each by the standard deviation of its prior."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    intercept: float = absent("Random intercept.", gt=0)
    hidden_slope: float = absent("Random slopes on the last hidden features (nonlinear).", gt=0)
    input_slope: float = absent("Random slopes on the input (linear).", gt=0)
    estimated: bool = absent(
        "Whether intercept and slopes are estimated in closed form after every epoch, the numbers above "
        "being where their standard deviations start (default, but under the published protocol); if not, "
        "gradients move them under priors of these."
    )
    correlated: bool = absent("Whether these may be correlated, lme4's `(1 + x | g)`; false.")
    formula: Annotated[str, readable(read_random_effects)] = absent(
        "Instead of all others: estimated effects of cluster factors as lme4 writes them, the first that of "
        "data.cluster: `(1 + age | school/class) + (1 | teacher)` (kind table; what `lmmnn` reads of these)."
    )
    scale_shift: float = absent(
        "The appearance of a cluster on its reconstruction: random scales and shifts of the maps of a "
        "second decoder (network autoencoder), or of the latents (pca_autoencoder).",
        gt=0,
    )

    @model_validator(mode="after")
    def _check_count(self) -> Self:
        if not self.model_fields_set:
            refuse("found none of its keys, expected at least 1; add one")
        if self.formula is not None and len(self.model_fields_set) > 1:
            refuse("found formula and other keys, expected the formula alone; leave these out")
        if self.correlated and self.estimated is False:
            refuse("found correlated and estimated: false, expected one of them; leave one out")
        return self


BLOCKS: dict[str, str] = {
    "network": "The fixed-effects network.",
    "training": Training.__doc__,
    "adversary": "The classifier of the cluster that the network is to mislead.",
    "random_effects": str(RandomEffects.__doc__),
    "task": "What a network is trained to give.",
}
"""Blocks of a study of which a model's entry may override single keys, and what each is."""

KINDS: dict[str, tuple[Mapping[str, type[Partial]], str]] = {
    "network": (NETWORKS, DEFAULT_NETWORK),
    "adversary": ({"dense": DenseAdversary, "mirrored": MirroredAdversary}, "dense"),
    "task": ({"binary": BinaryTask, "reconstruction": ReconstructionTask}, "binary"),
}
"""Blocks of several kinds: the kinds, and which it is if ``kind`` is left out."""

Adversary = of_kinds(*KINDS["adversary"])
Task = of_kinds(*KINDS["task"])

OVERRIDES: dict[str, Any] = {
    "training": Training.overrides(),
    "random_effects": RandomEffects.overrides(),
    **{
        name: of_kinds({kind: block.overrides() for kind, block in kinds.items()}, default)
        for name, (kinds, default) in KINDS.items()
    },
}
"""The same blocks as in a model's entry, where no key is required."""


class Membership(Block):
    """The classifier of the cluster whose softmax replaces the cluster of unseen samples."""

    network: Network = key(BLOCKS["network"])  # type: ignore[valid-type]
    training: Training = key(BLOCKS["training"])  # type: ignore[valid-type]
