"""What the workflow asks of a kind of study while it is parsed: one light file each.

The heavy half of a kind, which makes its data, is `prepare` in the same folder.
"""

import importlib
from collections.abc import Mapping
from types import ModuleType
from typing import Any, Protocol

from armed import discovery


class Kind(Protocol):
    """What such a file declares.

    Some also declare `PAGES`, tables and pages that studies of the kind alone have, as HTML. Kinds of
    images declare `IMAGES`, what they are prepared from (``scans``, ``frames`` or ``pictures``: rules and
    scatter are called so); `BATCHES`, the module whose ``prepare_part`` prepares a batch of them; `TABLE`,
    the table that tells of each; `TREE` and `part_files`, their files, and `part_state`, lines that
    change where images of a batch would. Their `prepare` is given `armed_study.data.batches.Batches`.
    """

    METRICS: tuple[str, ...]
    """Metrics of their performance figure and table, the first one first."""
    RAW_RULE: str
    """Rule that writes their raw files where those are generated or shipped by a package."""

    FIGURES: tuple[str, ...]
    """Figures that were made for other kinds and suit this one too. May be left out."""

    def raw_files(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Files that `RAW_RULE` writes; none if the data are the user's."""

    def user_files(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Paths of the user's files; none if the data are generated or shipped."""

    def origin(self, data: Mapping[str, Any]) -> str:
        """Where the data come from, in a few words for captions."""

    def outcome(self, data: Mapping[str, Any]) -> str:
        """Which kind of outcome it has, see `armed_study.vocabulary.outcomes`; binary if left out.

        The metrics of another kind are shown instead of `METRICS`.
        """

    def data_settings(self, study: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
        """What its data depend on, where that is not the `data` block alone. May be left out."""


def available() -> list[str]:
    """Names of the kinds of study found next to this file."""
    return list(discovery.discover(__name__, "METRICS"))


def load(kind: str) -> Kind:
    """Import what planning asks of a kind; `ConfigError` lists those there are."""
    discovery.load(__name__, kind, marker="METRICS", what="kind of study")
    module: Any = importlib.import_module(f"{__name__}.{kind}")
    return module


def load_prepare(kind: str) -> ModuleType:
    """Import the module that makes the data of a kind."""
    load(kind)
    return importlib.import_module(f"{__name__}.{kind}.prepare")


def load_batches(kind: str) -> Any:
    """Import the module that prepares batches of images of a kind."""
    declared: Any = load(kind)
    return importlib.import_module(declared.BATCHES)
