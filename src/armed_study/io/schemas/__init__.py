"""The tables that pass between rules: schemas of pyarrow, from which their documentation is made."""

import pyarrow as pa

from armed_study.io.schemas.columns import TYPES
from armed_study.io.schemas.effects import EFFECTS
from armed_study.io.schemas.images import IMAGES
from armed_study.io.schemas.studies import STUDIES
from armed_study.io.schemas.summaries import SUMMARIES

TABLES = {
    schema.metadata[b"table"].decode(): schema
    for schema in (*STUDIES, *IMAGES, *SUMMARIES, *EFFECTS)
}


def kind_of(field: pa.Field) -> str:
    """Give the key of `TYPES` of a declared column."""
    return next(kind for kind, found in TYPES.items() if found == field.type)


def about(field: pa.Field, key: str) -> str:
    """Give an entry of a declared column's metadata; empty without one."""
    return (field.metadata or {}).get(key.encode(), b"").decode()


def describe() -> str:
    """Return the description of all tables as Markdown, for the workflow's documentation."""
    parts = []
    for name, schema in TABLES.items():
        parts += [f"### `{name}`", "", schema.metadata[b"description"].decode(), ""]
        parts += ["| column | type | meaning |", "| --- | --- | --- |"]
        parts += [_line(field) for field in schema]
        if schema.metadata[b"features"]:
            parts += ["| the features | number or str | one column for each feature |"]
        parts += [""]
    return "\n".join(parts)


def _line(field: pa.Field) -> str:
    empty = ", may be empty" if field.nullable else ""
    allowed = ", may be absent" if about(field, "optional") else empty
    meaning = ", ".join(filter(None, (about(field, "description"), about(field, "unit"))))
    return f"| `{field.name}` | {kind_of(field)}{allowed} | {meaning} |"
