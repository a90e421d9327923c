"""The block ``tuning`` of a study."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import Discriminator, Field, Tag, model_validator

from armed_study.studies.blocks import Block, Positive, key, refuse


class Range(Block):
    """Numbers between two ends; whole ones where both ends are."""

    low: int | float = key("Lowest value.")
    high: int | float = key("Highest value.")
    log: bool = key("Whether their logarithms are spread evenly.", default=False)

    @model_validator(mode="after")
    def _check_ends(self) -> Self:
        if not self.low < self.high:
            refuse(
                f"found low {self.low} and high {self.high}, expected low below high; correct them"
            )
        if self.log and self.low <= 0:
            refuse(f"found log and low {self.low}, expected a number above 0; correct it")
        return self


class Choices(Block):
    """One of several values."""

    choices: list[Any] = key("The values.", min_length=2)


def _form(given: Any) -> str:
    return "choices" if isinstance(given, Mapping) and "choices" in given else "range"


Values = Annotated[
    Annotated[Range, Tag("range")] | Annotated[Choices, Tag("choices")], Discriminator(_form)
]
Setting = Annotated[str, Field(pattern=r"^([a-z_]+\.)?[a-z_0-9]+$")]


class Tuning(Block):
    """Search for the settings of models, on training clusters alone: for each fold, by the smallest log loss.

    A share of the fold's training clusters is left out; a model is trained on the others by every trial.
    """

    trials: int = key(
        "Trials of each model: the first has the settings as they are configured, the others are drawn.",
        ge=2,
    )
    select_by: Literal["left_out_clusters", "random_split"] = key(
        "Samples whose log loss selects: of the training clusters that were left out, or of the validation "
        "part of those trained on (tables have both).",
        default="left_out_clusters",
    )
    left_out: float = key(
        "Share of the training clusters that is left out.", default=0.25, gt=0, lt=1
    )
    repeats: Positive = key(
        "How often other clusters are left out, each with all trials.", default=1
    )
    space: dict[Setting, Values] = key(
        "What is searched: settings by name, those of a block with its name before them "
        "(`training.weight_decay`), each with low and high or with choices. A model has those that its "
        "method reads; a number that its entry sets to 0 stays 0.",
        min_length=1,
    )
