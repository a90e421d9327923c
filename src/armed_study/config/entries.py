"""The entries of models: each by its method, with the settings that the method declares."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from armed_study.config import methods
from armed_study.config.model_blocks import BLOCKS, OVERRIDES, partial, tagged
from armed_study.messages import listing
from armed_study.studies.blocks import RENAMED, Block, Name, absent, key, refuse

TAKEN = ("oracle", "oracle_no_cluster", "membership", "raw")
_ALIAS = "alias"


def _free(name: str) -> str:
    """Refuse the name of a model that is a folder or row of something else."""
    if name in TAKEN:
        refuse(f"the name '{name}' is taken, expected none of {listing(TAKEN)}; rename it")
    return name


ModelName = Annotated[
    Name, AfterValidator(_free), Field(json_schema_extra={"not": {"enum": list(TAKEN)}})
]


class Alias(Block):
    """A row of the tables made from another model's predictions, with another cluster for each sample."""

    alias_of: str = key("Model whose predictions are shown under this name.")
    assignment: Literal["random", "zero", "average", "membership"] = key(
        "Cluster with which they are made: random, zero, average or membership."
    )


def _entry(method: methods.MethodFile) -> type[Block]:
    """Return the entry of a model that is trained by a method."""
    name = absent("Method by which it is trained; default its name.")
    blocks = (*method.blocks, *method.optional)
    return partial(
        f"{method.name}_model", method.settings, f"{method.summary}.",
        method=(Literal[method.name], name),
        **{block: (OVERRIDES[block], absent(BLOCKS[block])) for block in blocks},
    )  # fmt: skip


METHODS = {name: _entry(method) for name, method in methods.available().items()}


def method(entry: Any) -> str:
    """Which of the forms of an entry it is."""
    if not isinstance(entry, Mapping):
        return next(iter(METHODS))
    return _ALIAS if _is_alias(entry) else str(entry["method"])


Model = tagged({**METHODS, _ALIAS: Alias}, method)


def complete(name: str, entry: Any, kinds: Mapping[str, str | None]) -> Any:
    """Say in an entry what it leaves to its name and to its study: the method, the kinds of blocks."""
    if not isinstance(entry, Mapping) or _is_alias(entry):
        return entry
    whole: dict[str, Any] = {"method": name, **entry}
    for block, kind in kinds.items():
        if kind and isinstance(whole.get(block), Mapping):
            whole[block] = {"kind": kind, **whole[block]}
    return whole


def _is_alias(entry: Mapping[str, Any]) -> bool:
    """Whether it has a key of such rows, under its name of now or its old one."""
    return any(RENAMED.get(name, name) in Alias.model_fields for name in entry)
