"""Results of a run as files of a crate: what each of them is, in words, with its size and hash."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from rocrate.model.contextentity import ContextEntity
from rocrate.model.file import File
from rocrate.rocrate import ROCrate

from armed_study.provenance import file_state

FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".md": "text/markdown",
    ".svg": "image/svg+xml",
    ".yaml": "application/yaml",
}
_SORTS = {".csv": "table", ".html": "page", ".svg": "figure", ".md": "text"}


def add_results(
    crate: ROCrate,
    paths: Iterable[str],
    root: Path,
    studies: Mapping[str, Mapping[str, Any]],
    data: Mapping[str, ContextEntity],
) -> list[File]:
    """Add the results of a run, under `results/` as they lie under ``root``.

    Parameters
    ----------
    paths
        Files; those elsewhere than under ``root`` come to lie in `results/` itself.
    studies
        By the folder of their results; each tells `title`, `data` and whether they are `generated`.
    data
        What the data of each study are, by study: see `entities.data`.
    """
    files = [Path(path) for path in dict.fromkeys(paths)]
    shown = _shown(files)
    added = []
    for path in files:
        place = path.relative_to(root) if path.is_relative_to(root) else Path(path.name)
        study = place.parts[1] if len(place.parts) > 2 else ""
        known = studies.get(study)
        more = {"about": data[study]} if known else {}
        text = [shown.get((study, path.stem), ""), f"Of {known['data']}." if known else ""]
        name = f"{path.stem.replace('_', ' ')} ({_SORTS[path.suffix]})"
        about = {
            "name": f"{known['title']}: {name}" if known else name,
            "description": " ".join(filter(None, text)) or None,
        }
        added.append(add_file(crate, path, f"results/{place.as_posix()}", **about, **more))
    return added


def add_file(crate: ROCrate, path: Path, place: str, **properties: Any) -> File:
    """Add a file with its size, hash, type and time; what is None is left out."""
    state = file_state.of_file(path)
    told = {name: value for name, value in properties.items() if value is not None}
    about = {
        "contentSize": str(state.size),
        "sha256": state.sha256,
        "dateModified": pd.Timestamp(state.changed, unit="s", tz="UTC").isoformat(
            timespec="seconds"
        ),
        "encodingFormat": FORMATS[path.suffix],
    }
    return crate.add_file(path, place, properties=about | told)


def _shown(files: Sequence[Path]) -> dict[tuple[str, str], str]:
    """What figures show, by study and figure, where the paper has said it."""
    said = [pd.read_csv(path) for path in files if path.name == "findings.csv"]
    rows = (row for table in said for row in table.itertuples(index=False))
    return {(str(row.study), str(row.figure)): str(row.shows) for row in rows}
