"""The entries of models, each by its method with the settings that the method declares, and of claims."""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError, ValidationInfo

from armed_study import networks
from armed_study.config import methods
from armed_study.config.model_blocks import BLOCKS, KINDS, OVERRIDES, partial, tagged
from armed_study.studies.blocks import RENAMED, Block, Name, Text, absent, key, without
from armed_study.vocabulary.settings import block_of, changed

TAKEN = ("oracle", "oracle_no_cluster", "membership", "raw", "learning_curves")
_ALIAS = "alias"


ModelName = without(Name, TAKEN)


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


@cache
def _models() -> TypeAdapter[Any]:
    return TypeAdapter(Model)  # whose making takes longer than its use


def fault_of(settings: Mapping[str, Any], model: str, name: str, value: Any) -> str:
    """What is wrong with a value of a setting in the entry of a model; empty if nothing is."""
    entry, block = dict(settings["models"][model]), block_of(name)
    if block in KINDS:
        kind = (settings.get(block) or {}).get("kind", KINDS[block][1])
        entry[block] = {"kind": kind, **entry.get(block, {})}
    try:
        _models().validate_python(changed(entry, {name: value}))
    except ValidationError as error:
        return str(error.errors()[0]["msg"])
    return ""


def complete_entries(models: Any, info: ValidationInfo) -> Any:
    """Say in each entry what it leaves to its name and to the blocks before it: the method, their kinds."""
    if not isinstance(models, Mapping):
        return models
    kinds = {name: getattr(info.data.get(name), "kind", None) for name in KINDS}
    return {name: _complete(str(name), entry, kinds) for name, entry in models.items()}


def _complete(name: str, entry: Any, kinds: Mapping[str, str | None]) -> Any:
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


def method_of(settings: Mapping[str, Any], model: str) -> methods.MethodFile:
    """Return the method that trains a model of a block of settings."""
    return methods.available()[settings["models"][model]["method"]]


def settings_of(settings: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Everything a model's training depends on: shared blocks, overridden by its entry, and its own.

    A block that the method does not read is left out, so that a change of it trains nothing again.
    """
    method, entry = method_of(settings, model), settings["models"][model]
    read = [*method.blocks, *(b for b in method.optional if settings.get(b) or entry.get(b))]
    blocks = {b: _overridden(settings.get(b) or {}, entry.get(b) or {}) for b in read}
    # Of random effects a method that needs none takes those of a formula.
    if "random_effects" not in method.blocks and "formula" not in blocks.get("random_effects", {}):
        blocks.pop("random_effects", None)
    return blocks | {k: v for k, v in entry.items() if k != "method" and k not in BLOCKS}


def modules_of(settings: Mapping[str, Any], model: str) -> list[str]:
    """Modules that training a model imports by name while it runs."""
    method, own = method_of(settings, model), settings_of(settings, model)
    if not method.is_network:
        return [method.module]
    blocks = (own["network"], own.get("task", {}).get("appearance"))
    built = [network_module(block) for block in blocks if block]
    return [method.module, "armed_study.training.neural", *dict.fromkeys(built)]


def network_module(block: Mapping[str, Any]) -> str:
    """Module of the network that a ``network`` block describes."""
    return f"armed_study.networks.{block.get('kind', networks.DEFAULT)}"


def _overridden(block: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's block with a model's own keys; of another kind or form than its, those only."""
    other = own.get("kind", block.get("kind")) != block.get("kind")
    other |= bool(own) and ("formula" in own) != ("formula" in block)
    return dict(own) if other else {**block, **own}


_Values = dict[str, str | int | float | bool]


class Claim(Block):
    """A claim that is judged: a contrast of rows of a table, and the smallest effect that matters."""

    says: Text = key("The claim, a sentence in plain English that holds or does not.")
    source: Literal["paper", "ours"] = key("Whose claim it is: the published study's, or ours.")
    study: Text = key(
        "Study whose table is read, or `effects`; without it the claim is not tested."
    )
    table: Text = key("Table of the study: the name of a CSV file in `results/tables/STUDY`.")
    value: Text = key("Column of that table with the effect.", default="value")
    rows: Annotated[_Values, Field(min_length=1)] = key(
        "Which rows: columns and the value that each has there."
    )
    less: _Values | Text | float = absent(
        "What is taken from the effect: rows that differ from the first in these columns "
        "({model: conventional}), another column of the same rows (its name), or a number. Nothing if "
        "left out."
    )
    effect: Text = key("What the effect is called, such as `gain in AUROC`.")
    expected: Literal["above", "below", "near"] = key(
        "What the claim says of the effect: above 0, below 0, or near it.", default="above"
    )
    smallest: float = key("Smallest effect that matters, in units of the effect.", gt=0)
    figure: str = absent("Figure of the study that shows it.")
    topic: Text = key(
        "Question that it answers with others, a line of the first page.",
        default="What else holds?",
    )
