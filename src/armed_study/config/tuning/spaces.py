"""What the search of a model ranges over, and whether it may."""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from armed.errors import ConfigError
from armed_study.vocabulary.settings import block_of

Space = Mapping[str, Mapping[str, Any]]

_OF_IMAGES = ("training",)
"""Blocks whose settings may be searched where samples are images: others change what a checkpoint holds."""


def space_of(
    space: Space, *, blocks: Collection[str], settings: Collection[str], entry: Mapping[str, Any]
) -> dict[str, dict[str, Any]]:
    """Return the part of a space that a method of these blocks and own settings reads.

    A setting of the method that the model's ``entry`` sets to 0 is off, and stays so, as does what the entry
    says of a block, such as twice the units: with another value it would be another model.
    """
    found = {}
    for name, values in space.items():
        block = block_of(name)
        fixed = name.partition(".")[2] in entry.get(block, {}) if block else entry.get(name) == 0
        if not fixed and (block in blocks or name in settings):
            found[name] = dict(values)
    return found


def check_space(
    where: str,
    settings: Mapping[str, Any],
    models: Mapping[str, Space],
    *,
    images: bool,
    accept: Callable[[str, str, Any], str],
) -> None:
    """Check that trials have a part to be scored on, and settings that some model has, with these values.

    ``settings`` are those of the study, ``models`` the spaces of its models; ``accept`` says of a model, a
    setting and a value what is wrong.

    Raises
    ------
    ConfigError
        Names the key.
    """
    if not settings["splits"]["validation"]:
        raise ConfigError(
            f"{where}.tuning: found splits.validation 0, expected a part to score trials on; raise it, or "
            "leave tuning out"
        )
    for name, values in settings["tuning"]["space"].items():
        key, block = f"{where}.tuning.space.{name}", block_of(name)
        if images and block and block not in _OF_IMAGES:
            raise ConfigError(
                f"{key}: found a setting of {block} where samples are images, expected one of "
                f"{', '.join(_OF_IMAGES)}, or of a method; leave it out"
            )
        searched = [model for model, own in models.items() if name in own]
        if not searched:
            raise ConfigError(
                f"{key}: found a setting that no model of the study has, expected one of a method, or of a "
                "block (training.weight_decay); correct it"
            )
        for model in searched:
            for value in values.get("choices") or (values["low"], values["high"]):
                if said := accept(model, name, value):
                    raise ConfigError(
                        f"{key}: found {value!r}, which model '{model}' cannot have ({said}), expected "
                        f"values of {name}; correct it"
                    )
