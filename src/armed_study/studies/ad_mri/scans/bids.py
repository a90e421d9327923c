"""Finding T1-weighted scans in a BIDS tree, and reading their sidecars; standard library only.

References
----------
Gorgolewski et al. 2016, The brain imaging data structure, Scientific Data 3:160044.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from armed.errors import ConfigError, DataError
from armed_study.io.shards import in_shard

TEMPLATE_SPACE = "MNI152NLin2009cAsym"

_NAME = re.compile(
    r"(?P<participant>sub-[A-Za-z0-9]+)(?:_(?P<session>ses-[A-Za-z0-9]+))?"
    r"(?P<rest>(?:_[A-Za-z0-9]+-[A-Za-z0-9+]+)*)_T1w\.nii(?:\.gz)?"
)
_FOLDERS = ("sub-*/anat", "sub-*/ses-*/anat")
_ALSO_DERIVATIVES = (*_FOLDERS, *(f"derivatives/*/{folder}" for folder in _FOLDERS))


@dataclass(frozen=True)
class Scan:
    """One T1-weighted image.

    Parameters
    ----------
    participant, session
        As in the file's name, `sub-0001` and `ses-01`; session is empty where there is none.
    path
        The NIfTI file.
    sidecars
        The JSON files that describe it, the nearest last, as BIDS inherits them.
    derivatives
        Whether the image is in MNI space already.
    others
        Further images of the same session, which are not used.
    """

    participant: str
    session: str
    path: Path
    sidecars: tuple[Path, ...]
    derivatives: bool
    others: tuple[Path, ...] = ()

    @property
    def sample(self) -> str:
        """Identifier, `sub-0001_ses-01`."""
        return "_".join(part for part in (self.participant, self.session) if part)


def find_scans(root: str | Path, space: str = "auto") -> list[Scan]:
    """Return the scans of a tree, one for each session, by participant and session.

    Parameters
    ----------
    root
        A BIDS tree of raw images, one with images in MNI space under `derivatives/*`, or such a
        folder of derivatives itself.
    space
        `mni` or `subject`, which images to take; `auto`: those in MNI space if there are any.

    Raises
    ------
    ConfigError, DataError
        No such folder, no such image in it, or a file that lies with another subject or session.
    """
    root = Path(root)
    if not root.is_dir():
        raise ConfigError(f"{root}: no such folder, expected a BIDS tree; check data.source.path")
    paths = [] if space == "subject" else _images(root, _ALSO_DERIVATIVES)
    paths = [path for path in paths if f"_space-{TEMPLATE_SPACE}_" in path.name]
    derivatives = bool(paths)
    if space != "mni" and not paths:
        paths = [path for path in _images(root, _FOLDERS) if "_space-" not in path.name]
    if not paths:
        wanted = (
            f"derivatives/*/sub-*/[ses-*/]anat/*_space-{TEMPLATE_SPACE}*_T1w.nii.gz"
            if space == "mni"
            else "sub-*/[ses-*/]anat/*_T1w.nii.gz"
        )
        raise DataError(
            f"{root}: holds no T1-weighted image, expected files like {wanted}; check the path "
            "and the setting space"
        )
    sessions: dict[tuple[str, str], list[Path]] = {}
    for path in paths:
        sessions.setdefault(_identity(path), []).append(path)
    _described.cache_clear()  # files may have come since the last call
    return [
        _scan(root, who, found, derivatives=derivatives) for who, found in sorted(sessions.items())
    ]


def find_participants(root: str | Path) -> Path:
    """Return the table of participants of a tree: in its root, else next to its derivatives.

    Raises `DataError` where there is none.
    """
    root = Path(root)
    places = (root / "participants.tsv", *sorted(root.glob("derivatives/*/participants.tsv")))
    found = next((place for place in places if place.is_file()), None)
    if found is None:
        raise DataError(
            f"{places[0]}: no such file, expected the participants' sites and diagnoses; put it "
            "there"
        )
    return found


def scans_of_part(root: str | Path, space: str, part: str) -> list[Scan]:
    """Return the scans of one part of a tree, by its name ``i-of-n``; participants stay together."""
    return [scan for scan in find_scans(root, space) if in_shard(scan.participant, part)]


def read_sidecar(scan: Scan) -> Mapping[str, object]:
    """Return what the JSON sidecars say of a scan, key by key the nearest; nothing where there is none.

    Raises `DataError` for a file that is not a JSON object.
    """
    found: dict[str, object] = {}
    for sidecar in scan.sidecars:
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


def _images(root: Path, folders: tuple[str, ...]) -> list[Path]:
    patterns = (f"{folder}/*_T1w.{end}" for folder in folders for end in ("nii", "nii.gz"))
    found = (path for pattern in patterns for path in root.glob(pattern))
    return sorted(path for path in found if not path.name.startswith("."))  # such as macOS' ._*


def _identity(path: Path) -> tuple[str, str]:
    """Return participant and session as the name says; the folders must agree."""
    parts = _NAME.fullmatch(path.name)
    folders = path.parent.parent.parts
    session = folders[-1] if folders[-1].startswith("ses-") else ""
    participant = folders[-2] if session else folders[-1]
    if parts is None or (parts["participant"], parts["session"] or "") != (participant, session):
        expected = "_".join(name for name in (participant, session) if name)
        raise DataError(
            f"{path}: the name does not fit its folder, expected {expected}[_entities]_T1w.nii.gz; "
            "rename or move the file"
        )
    return participant, session


def _scan(root: Path, who: tuple[str, str], found: list[Path], *, derivatives: bool) -> Scan:
    """Take the first image of a session; one that holds the brain alone comes before others."""
    first, *others = sorted(found, key=lambda path: ("_desc-brain_" not in path.name, path))
    stem = first.name.removesuffix(".gz").removesuffix(".nii")
    return Scan(*who, first, _sidecars(root, first, stem), derivatives, tuple(others))


@cache
def _described(folder: Path) -> list[Path]:
    return [path for path in folder.glob("*T1w.json") if path.is_file()]


def _sidecars(root: Path, image: Path, stem: str) -> tuple[Path, ...]:
    """Of each folder from the tree's down to the image's, those that name no entity that it has not."""
    above = [folder for folder in image.parents if folder == root or root in folder.parents]
    entities = set(stem.split("_"))
    found = (
        path
        for folder in reversed(above)
        for path in sorted(_described(folder), key=lambda path: (path.stem.count("_"), path))
    )
    return tuple(path for path in found if entities.issuperset(path.stem.split("_")))
