"""Formulas of mixed models as R's lme4 writes them: ``score ~ age * sex + (age | school/class)``."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from armed_study.data.mixed.expressions import (
    Expression,
    Token,
    expression_of,
    refuse,
    shown,
    tokens_of,
)

_FORMS = "(1 | g), (x | g), (0 + x | g), (1 + x || g), (1 | a/b) or (1 | a:b)"


@dataclass(frozen=True)
class RandomPart:
    """Effects that each cluster of one factor has.

    Parameters
    ----------
    effects
        What has effects that differ between the clusters; ``1`` is the intercept.
    factor
        Columns whose combinations of values are the clusters: ``a:b`` has two.
    correlated
        Whether the effects of a cluster may be correlated; ``||`` says that they are not.
    """

    effects: Expression
    factor: tuple[str, ...]
    correlated: bool


@dataclass(frozen=True)
class MixedFormula:
    """A mixed model in lme4's notation, taken apart.

    ``(1 | a/b)`` is two random parts, those of ``a`` and of ``a:b``. Offsets are terms of the linear
    predictor with the coefficient 1.
    """

    text: str
    outcome: Expression
    fixed: Expression
    offsets: tuple[Expression, ...]
    random: tuple[RandomPart, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that the model needs, each once."""
        parts = (self.outcome, self.fixed, *self.offsets, *(part.effects for part in self.random))
        named = [part.columns for part in parts] + [part.factor for part in self.random]
        return tuple(dict.fromkeys(column for columns in named for column in columns))


class _Term(NamedTuple):
    sign: str
    tokens: Sequence[Token]


def parse_formula(text: str) -> MixedFormula:
    """Take a formula of lme4 apart.

    Parameters
    ----------
    text
        ``outcome ~ fixed part + random terms``. Names that are not letters, digits, dots and
        underscores stand in backticks.

    Raises
    ------
    ConfigError
        A form that is none of lme4's, or one that is not read here: ``%in%``, ``.`` for all columns,
        factors that are computed, functions other than `armed_study.data.mixed.expressions.FUNCTIONS`.
    """
    tokens = list(tokens_of(text))
    tildes = [place for place, token in enumerate(tokens) if token.text == "~"]
    if len(tildes) != 1 or tildes[0] in (0, len(tokens) - 1):
        refuse(text, f"{len(tildes)} '~'", "an outcome, one '~' and terms, as in y ~ x + (1 | g)")
    fixed: list[Token] = []
    offsets: list[Expression] = []
    random: list[RandomPart] = []
    for sign, term in _terms(text, tokens[tildes[0] + 1 :]):
        bars = [token for token in term if token.text in ("|", "||")]
        offset = [token.text for token in term[:2]] == ["offset", "("]
        if (bars or offset) and sign == "-":
            refuse(text, f"'- {shown(term)}'", "random terms and offsets that are added")
        if bars:
            random += _random_parts(text, term)
        elif offset:
            offsets.append(expression_of(text, term[1:]))
        else:
            fixed += [Token("sign", sign), *term]
    if not random:
        refuse(text, "no random term", f"at least one, such as {_FORMS}")
    for place, part in enumerate(random):
        if part in random[:place]:
            refuse(text, f"a random term of '{':'.join(part.factor)}' twice", "each term once")
    outcome = expression_of(text, tokens[: tildes[0]])
    if not outcome.columns:
        refuse(text, f"the outcome '{shown(tokens[: tildes[0]])}'", "the column of the outcome")
    fixed = fixed or [Token("number", "1")]
    return MixedFormula(text, outcome, expression_of(text, fixed), tuple(offsets), tuple(random))


def _terms(text: str, tokens: Sequence[Token]) -> Iterator[_Term]:
    """Split the right side at each ``+`` and ``-`` that is outside of brackets."""
    depth, starts = 0, [-1]
    for place, token in enumerate(tokens):
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        if depth < 0:
            break
        if depth == 0 and token.text in ("+", "-"):
            starts.append(place)
    if depth:
        refuse(text, "brackets that do not match", "a ')' for each '('")
    for start, end in pairwise([*starts, len(tokens)]):
        term = tokens[start + 1 : end]
        if term:
            yield _Term(tokens[start].text if start >= 0 else "+", term)
        elif start >= 0:
            refuse(text, f"nothing after '{tokens[start].text}'", "a term")


def _random_parts(text: str, term: Sequence[Token]) -> Iterator[RandomPart]:
    bars = [place for place, token in enumerate(term) if token.text in ("|", "||")]
    if len(bars) != 1 or term[0].text != "(" or term[-1].text != ")":
        refuse(text, f"'{shown(term)}'", f"random terms such as {_FORMS}")
    effects, factor = term[1 : bars[0]], term[bars[0] + 1 : -1]
    named = [token.kind == "name" for token in factor]
    marks = {token.text for token in factor[1::2]}
    if not all(named[::2]) or len(named) % 2 == 0 or marks not in (set(), {":"}, {"/"}):
        refuse(text, f"clusters '{shown(factor)}'", "columns: g, a:b or a/b")
    if not effects:
        refuse(text, f"'{shown(term)}'", f"effects before the bar, such as {_FORMS}")
    columns = tuple(token.text.strip("`") for token in factor[::2])
    shortest = 1 if "/" in marks else len(columns)
    for width in range(shortest, len(columns) + 1):
        separate = term[bars[0]].text == "||"
        yield RandomPart(expression_of(text, effects), columns[:width], not separate)
