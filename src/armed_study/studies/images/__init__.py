"""Images in files of the user, which a table lists with their outcome and cluster."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from armed_study.provenance.users_files import stamps
from armed_study.studies.images.files import files_of, of_part

METRICS = ("auroc", "auroc_within", "balanced_accuracy")
RAW_RULE = ""
IMAGES = "pictures"
BATCHES = "armed_study.studies.images.batch"
TABLE = "pictures"


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """None: nothing is generated."""
    return ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's table; the images are asked for by batch."""
    return (data["source"]["path"],)


def part_files(data: Mapping[str, Any], part: str) -> tuple[str, ...]:
    """Files of the images in one part of them, ``i-of-n``.

    Raises
    ------
    DataError
        See `files.files_of`: said here, before anything runs.
    """
    return tuple(str(file.path) for file in of_part(files_of(data), part))


def part_state(data: Mapping[str, Any], part: str) -> list[str]:
    """Name, size and time of the files of one part."""
    root = Path(data["source"]["path"]).parent
    return stamps(map(Path, part_files(data, part)), root)


def outcome(data: Mapping[str, Any]) -> str:
    """Which kind of outcome it is."""
    return str(data["outcome"].get("kind", "binary"))


def origin(data: Mapping[str, Any]) -> str:
    """The user's table."""
    return f"the user's images of {data['source']['path']}"
