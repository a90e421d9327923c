"""Any table: the user's own, or one that a package ships."""

from collections.abc import Mapping
from typing import Any

METRICS = ("auroc", "auroc_within", "balanced_accuracy")
RAW_RULE = "export_table"
RAW = ("table.csv",)


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The packaged table, exported."""
    return RAW if "package" in data["source"] else ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's table."""
    return (data["source"]["path"],) if "path" in data["source"] else ()


def outcome(data: Mapping[str, Any]) -> str:
    """Which kind of outcome it is."""
    return str(data["outcome"].get("kind", "binary"))


def origin(data: Mapping[str, Any]) -> str:
    """Path, or package and item."""
    source = data["source"]
    if "path" in source:
        return f"the user's table {source['path']}"
    return f"real data: {source['item']} of the R package {source['package']}"
