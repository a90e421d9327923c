"""Cells of tables by name, as a template of the paper asks for them, with the digits that readers see."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from armed.errors import DataError
from armed_study.evaluation.claims.contrasts import Absent, select
from armed_study.evaluation.claims.verdicts import read_claims
from armed_study.messages import counted, listing, suggestion
from armed_study.report.paper.phrases import listed, relation
from armed_study.vocabulary.formatting import interval_text, number_text
from armed_study.vocabulary.reported import reported

_SCORES = {"model", "partition", "assignment", "effect"}


class Tables(Mapping[tuple[str, str], pd.DataFrame]):
    """CSV files by study (nothing: of the whole run) and name, each read when it is first asked for."""

    def __init__(self, files: Mapping[tuple[str, str], str]) -> None:
        self._files, self._read = dict(files), dict[tuple[str, str], pd.DataFrame]()

    @classmethod
    def at(cls, run: Iterable[str], studies: Iterable[str]) -> Tables:
        """The tables at these paths: of the whole run, and of studies, whose names their folders have."""
        whole = {("", Path(path).stem): path for path in run}
        return cls(whole | {(Path(path).parent.name, Path(path).stem): path for path in studies})

    def __getitem__(self, key: tuple[str, str]) -> pd.DataFrame:
        if key not in self._read:
            read = read_claims if key == ("", "claims") else pd.read_csv
            self._read[key] = read(self._files[key])
        return self._read[key]

    def __iter__(self) -> Iterator[tuple[str, str]]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


class Lookups:
    """Tables by name: ``study/table``, or ``table`` of the study at hand or of the whole run.

    Of a table of scores, the rows are those that each model is reported by.

    Parameters
    ----------
    tables
        Tables by study (nothing: of the whole run) and name.
    study
        The study at hand.
    """

    def __init__(self, tables: Mapping[tuple[str, str], pd.DataFrame], study: str = "") -> None:
        self.tables, self.study = tables, study
        self._scores: dict[tuple[str, str], pd.DataFrame] = {}

    def of(self, study: str) -> Lookups:
        """The same tables, with another study at hand."""
        return Lookups(self.tables, study)

    @property
    def reference(self) -> str:
        """The model that the others of the study are tested against; nothing without tests."""
        tested = self.rows("comparisons")
        return str(tested["reference"].iloc[0]) if len(tested) else ""

    def rows(self, table: str, **where: Any) -> pd.DataFrame:
        """Rows with these values of these columns; none where there are none, or no such table."""
        found = self._find(table)
        if found is None:
            return pd.DataFrame()
        try:
            return select(found, where)
        except Absent:
            return found.iloc[:0]

    def records(self, table: str, **where: Any) -> list[dict[Any, Any]]:
        """The same rows, each a mapping of its cells."""
        return self.rows(table, **where).to_dict("records")

    def has(self, table: str, **where: Any) -> bool:
        """Whether there are such rows."""
        return len(self.rows(table, **where)) > 0

    def names(self, table: str, column: str, **where: Any) -> list[str]:
        """Distinct cells of a column, in their order."""
        found = self.rows(table, **where)
        return list(dict.fromkeys(map(text_of, found[column].dropna()))) if column in found else []

    def count(self, table: str, **where: Any) -> str:
        """How many such rows there are."""
        return number_text(len(self.rows(table, **where)))

    def cell(self, table: str, column: str = "value", **where: Any) -> Any:
        """The cell of a column in the one such row."""
        found = self.rows(table, **where)
        if len(found) != 1:
            named = ", ".join(f"{name} {wanted}" for name, wanted in where.items())
            raise DataError(
                f"paper: found {len(found)} rows of {named or 'no condition'} in table "
                f"'{self._named(table)}', expected one; correct the template, or make the table"
            )
        if column not in found:
            raise DataError(
                f"paper: table '{self._named(table)}' has no column '{column}'"
                f"{suggestion(column, found.columns)}, expected one of "
                f"{listing(found.columns, 99)}; correct the template"
            )
        return found[column].iloc[0]

    def counted(self, table: str, what: str, **where: Any) -> str:
        """A number of things as text: ``1 seed``, ``3 seeds``."""
        return counted(int(self.cell(table, **where)), what)

    def value(self, table: str, column: str = "value", **where: Any) -> str:
        """A number as text; text as it is."""
        return text_of(self.cell(table, column, **where))

    def ends(self, table: str, column: str = "value", **where: Any) -> tuple[float, float, float]:
        """A number with the ends of its interval."""
        found = self.rows(table, **where)
        names = (column, *_ends_of(column, found))
        middle, *ends = (float(self.cell(table, name, **where)) for name in names)
        return middle, ends[0], ends[1]

    def interval(self, table: str, column: str = "value", **where: Any) -> str:
        """A number with its interval: ``0.788 (0.780 to 0.796)``."""
        return interval_text(*self.ends(table, column, **where))

    def relation(self, table: str, column: str = "value", **where: Any) -> str:
        """What the interval says: `is above`, `is below`, `cannot be told from`; zero is left to say."""
        return relation(*self.ends(table, column, **where)[1:])

    def sides(self, table: str, column: str = "value", **where: Any) -> tuple[str, str]:
        """How many intervals of such rows lie above zero, and how many below."""
        found = self.rows(table, **where)
        low, high = _ends_of(column, found)
        return number_text(int((found[low] > 0).sum())), number_text(int((found[high] < 0).sum()))

    def span(self, table: str, column: str = "value", **where: Any) -> str:
        """The smallest and the largest number of such rows: ``0.1 to 0.4``; a dash without any."""
        found = self.rows(table, **where)
        numbers = found[column].dropna() if column in found else pd.Series(dtype=float)
        return " to ".join(dict.fromkeys((text_of(numbers.min()), text_of(numbers.max()))))

    def listed(self, table: str, column: str, *, most: int | None = None, **where: Any) -> str:
        """Distinct cells of a column, as a list in a sentence."""
        return listed(self.names(table, column, **where), most)

    def _named(self, table: str) -> str:
        own = self.study and "/" not in table and (self.study, table) in self.tables
        return f"{self.study}/{table}" if own else table

    def _find(self, table: str) -> pd.DataFrame | None:
        folder, _, name = self._named(table).rpartition("/")
        if (folder, name) in self._scores:
            return self._scores[folder, name]
        found = self.tables.get((folder, name))
        if found is None or not _is_scores(found):
            return found
        whole = found[found["kind"] == "summary"] if "kind" in found else found
        return self._scores.setdefault((folder, name), reported(whole))


def _is_scores(table: pd.DataFrame) -> bool:
    """Whether a table has scores of several outputs of a model, of which it is reported by one."""
    columns = set(table.columns)
    return columns >= _SCORES and bool(columns & {"mean", "value"})


def _ends_of(column: str, table: pd.DataFrame) -> tuple[str, str]:
    """Columns of the ends of a column's interval."""
    own = (f"{column}_low", f"{column}_high")
    return own if set(own) <= set(table.columns) else ("low", "high")


def text_of(cell: Any) -> str:
    """Return a cell as readers see it: numbers with three digits, whole ones with all of theirs."""
    if isinstance(cell, str):
        return f"{int(cell):,}" if cell.isdecimal() else cell
    number = cell.item() if hasattr(cell, "item") else cell
    return number_text(number) if isinstance(number, int | float) else str(number)
