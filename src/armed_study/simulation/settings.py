"""Settings of a generator: fields within bounds, read from a block of a config.

Nothing beyond the standard library is imported here, so that a workflow can read settings while it is
being parsed.
"""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field, fields
from math import inf, isfinite, nextafter
from typing import Any, Self

from armed.errors import ConfigError
from armed_study.messages import suggestion


def at_least(low: float, default: float) -> Any:
    """Field of a number of at least `low`."""
    return field(default=default, metadata={"low": low, "words": f"of at least {low}"})


def above(low: float, default: float) -> Any:
    """Field of a number above `low`."""
    return field(default=default, metadata={"low": nextafter(low, inf), "words": f"above {low}"})


@dataclass(frozen=True)
class GeneratorSettings:
    """Base of a generator's settings, which are a frozen dataclass.

    Fields of type int, float and bool are checked, against the bounds of `at_least` and `above`
    too; types must not be written as strings.

    Raises
    ------
    ConfigError
        A value of the wrong type or range.
    """

    def __post_init__(self) -> None:
        for item in fields(self):
            value = getattr(self, item.name)
            if expected := _expected(item, value):
                raise ConfigError(
                    f"{item.name} is {value!r}, expected {expected}; correct it in the config"
                )

    @classmethod
    def from_config(cls, data: Mapping[str, Any], where: str = "data") -> Self:
        """Read the settings from a block of a config; `where` names that block in messages."""
        known = [item.name for item in fields(cls)]
        for key in data:
            if key not in known:
                raise ConfigError(
                    f"{where}: found unknown key {key!r}{suggestion(key, known)}, expected only "
                    f"{', '.join(known)}; correct or remove it"
                )
        try:
            return cls(**data)
        except ConfigError as error:
            raise ConfigError(f"{where}: {error}") from error


def _expected(item: Field, value: Any) -> str:
    """Return what the value of a field should be; nothing if it is that."""
    if item.type is bool:
        return "" if isinstance(value, bool) else "true or false"
    if item.type not in (int, float):
        return ""
    kinds = int if item.type is int else (int, float)
    valid = isinstance(value, kinds) and not isinstance(value, bool) and isfinite(value)
    if valid and value >= item.metadata.get("low", value):
        return ""
    what = "a whole number" if item.type is int else "a finite number"
    return f"{what} {item.metadata.get('words', '')}".strip()
