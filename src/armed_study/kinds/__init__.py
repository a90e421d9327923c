"""What the workflow asks of a kind of study while it is parsed: one light file each.

The heavy half of a kind, which makes its data, is the file of the same name in `armed_study.studies`.
"""

import importlib
from collections.abc import Mapping
from typing import Any, Protocol


class Kind(Protocol):
    """What such a file declares.

    Some also declare `IMAGES`, True where samples are images prepared in batches, and `PAGES`, tables
    and pages that studies of the kind alone have, as HTML.
    """

    FIGURES: tuple[str, ...]
    """Figures that studies of the kind have, in the order of the report."""
    METRICS: tuple[str, ...]
    """Metrics of their performance figure and table, the first one first."""
    RAW_RULE: str
    """Rule that writes their raw files where those are generated or shipped by a package."""

    FIGURES_OF_TRUTH: tuple[str, ...]
    """Further ones, of studies whose data are generated: the truth is in them. May be left out."""

    def raw_files(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Files that `RAW_RULE` writes; none if the data are the user's."""

    def user_files(self, data: Mapping[str, Any]) -> tuple[str, ...]:
        """Paths of the user's files; none if the data are generated or shipped."""

    def origin(self, data: Mapping[str, Any]) -> str:
        """Where the data come from, in a few words for captions."""

    def data_settings(self, study: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
        """What its `prepare` is given: the `data` block, and what else the data depend on."""


def load(kind: str) -> Kind:
    """Import the file of a kind."""
    module: Any = importlib.import_module(f"{__name__}.{kind}")
    return module
