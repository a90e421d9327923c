"""The configuration of the study of an unknown table, written and saved."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from armed.errors import ConfigError
from armed_study.command.assumed.assumptions import Assumed
from armed_study.command.assumed.recipes import REPEATED, recipe
from armed_study.io.atomic import replacing


def configuration(assumed: Assumed, *, name: str, factors: Sequence[str] = ()) -> dict[str, Any]:
    """Write the configuration of a study of one table, whole, for a folder of its own.

    Parameters
    ----------
    assumed
        What is assumed of the table.
    name
        Of the study.
    factors
        Further cluster factors, with a random intercept each.
    """
    repeated = REPEATED[assumed.kind]
    parts = min(repeated["folds"], assumed.clusters)
    scheme = {"scheme": "leave_out", "folds": parts} if parts > 2 else {"scheme": "none"}
    study = {
        "kind": assumed.kind,
        "family": name,
        "title": f"{name} (by {assumed.data['cluster']})",
        "data": assumed.data,
        "splits": {
            **repeated, "validation": 0.2, "unseen": scheme, "small_strata": "merge",
        },
        **recipe(assumed, factors),
    }  # fmt: skip
    return {"seed": 2023, "reference_model": "armed", "studies": {name: study}}


def name_of(path: Path) -> str:
    """Make the name of a study from that of its file: lower-case letters, digits and underscores."""
    name = re.sub(r"[^a-z0-9]+", "_", path.name.split(".")[0].lower()).strip("_")
    return name if re.match(r"[a-z]", name) else f"study_{name}".rstrip("_")


def text_of(config: Mapping[str, Any], heading: Sequence[str]) -> str:
    """Return a configuration as YAML, with a heading of comments."""
    body = yaml.dump(
        dict(config), Dumper=_Plain, sort_keys=False, allow_unicode=True, width=110,
        default_flow_style=None,
    )  # fmt: skip
    return "".join(f"# {line}\n" if line else "#\n" for line in heading) + body


class _Plain(yaml.SafeDumper):
    """Writes each block out, though two are the same."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def refuse_existing(path: Path, *, force: bool) -> None:
    """Raise `ConfigError` if a file is there and ``force`` is not said."""
    if path.exists() and not force:
        raise ConfigError(
            f"{path}: is there already, expected a new file; name another by --output, or say --force "
            "to replace it"
        )


def save(text: str, path: Path) -> None:
    """Write a configuration, whole or not at all."""
    with replacing(path) as part:
        part.write_text(text, encoding="utf-8")
