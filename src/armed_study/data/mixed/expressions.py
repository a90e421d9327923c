"""Tokens of R's formulas, and parts of them as `formulaic` reads them."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, NoReturn

from armed.errors import ConfigError
from armed_study.messages import listing

FUNCTIONS = ("I", "factor", "log", "log2", "log10", "exp", "sqrt")
"""What may be applied to columns, besides ``offset`` as a term of its own."""

_TOKEN = re.compile(
    r"\s*(?:(?P<name>`[^`]+`|(?:[^\W\d_]|\.(?!\d))[\w.]*)"
    r"|(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)"
    r"|(?P<text>\"[^\"]*\"|'[^']*')"
    r"|(?P<sign>\|\||[<>=!]=|[-+*/:^~()|<>,])"
    r"|(?P<other>\S))"
)
MARK = "\ue000"
"""Precedes names of columns where `formulaic` reads them; else ``yield`` and ``I`` were Python's."""

_CONSTANTS = {"TRUE": "True", "FALSE": "False"}


@dataclass(frozen=True)
class Expression:
    """A part of a formula.

    Parameters
    ----------
    text
        As `formulaic` reads it: names in backticks behind `MARK`, powers as ``**``.
    columns
        Columns of the table that it names, each once.
    """

    text: str
    columns: tuple[str, ...]


class Token(NamedTuple):
    """A name, number, text or sign of a formula."""

    kind: str
    text: str


def tokens_of(text: str) -> Iterator[Token]:
    """Split a formula; `ConfigError` if something is no part of any."""
    for found in _TOKEN.finditer(text.strip()):
        kind = str(found.lastgroup)
        if kind == "other":
            refuse(text, f"'{found['other']}'", "operators of R's formulas other than %in%")
        yield Token(kind, found[kind])


def expression_of(text: str, tokens: Sequence[Token]) -> Expression:
    """Write tokens as `formulaic` reads them."""
    words, columns = [], []
    for (kind, word), following in zip(tokens, [*tokens[1:], None], strict=True):
        if kind == "name" and following == Token("sign", "("):
            if word not in FUNCTIONS:
                refuse(text, f"the function '{word}'", f"none or one of {listing(FUNCTIONS)}")
            words.append(word)
        elif kind == "name" and word in _CONSTANTS:
            words.append(_CONSTANTS[word])
        elif kind == "name":
            if word == ".":
                refuse(text, "'.' for all columns", "the names of columns")
            columns.append(word.strip("`"))
            words.append(f"`{MARK}{columns[-1]}`")
        else:
            words.append("**" if word == "^" else word)
    spaced = (word if word == "(" else f" {word}" for word in words)  # else no call is seen
    return Expression("".join(spaced).strip(), tuple(dict.fromkeys(columns)))


def plain(text: str) -> str:
    """Return what `formulaic` reads or writes as a user knows it."""
    return text.replace("`", "").replace(MARK, "")


def shown(tokens: Iterable[Token]) -> str:
    """Return tokens as text, for messages."""
    return " ".join(token.text for token in tokens)


def refuse(text: str, found: str, expected: str) -> NoReturn:
    """Raise `ConfigError` for what a formula has."""
    raise ConfigError(
        f"formula '{text}' has {found}, expected {expected}; write it so, or compute columns first"
    )
