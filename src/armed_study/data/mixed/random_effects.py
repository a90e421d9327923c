"""Random effects around a network as lme4 writes them: ``(1 + age | school/class) + (1 | teacher)``."""

import re
from dataclasses import dataclass

from armed.errors import ConfigError
from armed_study.data.mixed.expressions import MARK, plain, refuse
from armed_study.data.mixed.formula import RandomPart, parse_formula

_FORMS = "an intercept and slopes of features, such as 1, 1 + age or 0 + age"


@dataclass(frozen=True)
class FactorEffects:
    """Effects that each cluster of one factor has.

    Parameters
    ----------
    columns
        Columns of a table whose combinations of values are the clusters.
    intercept
        Whether there is one.
    slopes
        Features that have slopes.
    correlated
        Whether they may be correlated, ``(1 + age | school)``, or not, ``(1 + age || school)``.
    """

    columns: tuple[str, ...]
    intercept: bool
    slopes: tuple[str, ...]
    correlated: bool

    @property
    def factor(self) -> str:
        """Its name, ``school`` or ``school:class``."""
        return ":".join(self.columns)


def read_random_effects(text: str) -> tuple[FactorEffects, ...]:
    """Read the random terms of a formula; its fixed part is the network's.

    Raises
    ------
    ConfigError
        A form that is none of lme4's, a fixed part, a factor twice, or effects other than an intercept and
        slopes of features.
    """
    try:
        formula = parse_formula(f"y ~ {text}")
    except ConfigError as error:
        raise ConfigError(str(error).replace(f"y ~ {text}", text)) from None
    if formula.fixed.text != "1" or formula.offsets:
        refuse(text, "a fixed part", "random terms alone, as the network is the fixed part")
    found = [_effects(text, part) for part in formula.random]
    names = [effects.factor for effects in found]
    if twice := [name for name in names if names.count(name) > 1]:
        refuse(
            text, f"two terms of '{twice[0]}'", "one, as (1 + x || g) says (1 | g) + (0 + x | g)"
        )
    return tuple(found)


def _effects(text: str, part: RandomPart) -> FactorEffects:
    """Intercept and slopes of a term: a sum of 0 or 1 and names of columns."""
    named = rf"`{MARK}[^`]+`"
    summands = [each.strip() for each in part.effects.text.split("+")]
    if not all(re.fullmatch(rf"[01]|{named}", each) for each in summands):
        refuse(text, f"the effects '{plain(part.effects.text)}'", _FORMS)
    if not part.effects.columns and "0" in summands:
        refuse(text, f"no effect of '{':'.join(part.factor)}'", _FORMS)
    return FactorEffects(part.factor, "0" not in summands, part.effects.columns, part.correlated)
