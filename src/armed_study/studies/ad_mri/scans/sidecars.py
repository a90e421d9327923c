"""JSON sidecars of scans, inherited as in BIDS; standard library only."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

from armed.errors import DataError
from armed_study.source_files import visible
from armed_study.studies.ad_mri.scans.bidsignore import BidsIgnore

_ENDING = "t1w.json"


class Sidecars:
    """The sidecars of T1-weighted images in a tree, each folder of which is listed once."""

    def __init__(self, root: Path) -> None:
        self.root, self._rules = root, BidsIgnore(root)
        self._described: dict[Path, list[tuple[list[str], Path]]] = {}

    def of(self, image: Path) -> tuple[Path, ...]:
        """Of each folder from the tree's down to the image's, those that name no entity that it has not."""
        entities = set(image.name.split(".")[0].split("_"))
        above = [folder for folder in image.parents if folder.is_relative_to(self.root)]
        return tuple(
            path
            for folder in reversed(above)
            for parts, path in self._in(folder)
            if entities.issuperset(parts)
        )

    def _in(self, folder: Path) -> list[tuple[list[str], Path]]:
        """Entities and path of the sidecars in a folder, the least special first."""
        if folder not in self._described:
            found = [
                (f"{path.stem[:-3]}T1w".split("_"), path)
                for path in visible(folder)
                if path.name.lower().endswith(_ENDING) and not self._rules.leaves_out(path)
            ]
            self._described[folder] = sorted(found, key=lambda one: (len(one[0]), one[1]))
        return self._described[folder]


def read_sidecars(sidecars: Sequence[Path]) -> Mapping[str, object]:
    """Return what the JSON sidecars say of a scan, key by key the nearest; nothing where there is none.

    Raises `DataError` for a file that is not a JSON object.
    """
    found: dict[str, object] = {}
    for sidecar in sidecars:
        try:
            content = json.loads(sidecar.read_text(encoding="utf-8-sig"))
        except (OSError, ValueError) as error:
            raise DataError(
                f"{sidecar}: not JSON ({error}), expected a sidecar; write it again"
            ) from error
        if not isinstance(content, dict):
            raise DataError(f"{sidecar}: not a JSON object, expected a sidecar; write it again")
        found |= content
    return found
