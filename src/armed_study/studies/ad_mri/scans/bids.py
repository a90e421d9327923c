"""Finding T1-weighted scans in a BIDS tree; standard library only.

References
----------
Gorgolewski et al. 2016, The brain imaging data structure, Scientific Data 3:160044.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from armed.errors import ConfigError, DataError
from armed_study.io.shards import in_shard
from armed_study.source_files import check_readable, folders, same_place, visible
from armed_study.studies.ad_mri.scans.bidsignore import BidsIgnore
from armed_study.studies.ad_mri.scans.sidecars import Sidecars

TEMPLATE_SPACE = "MNI152NLin2009cAsym"

_NAME = re.compile(
    r"(?P<participant>sub-[A-Za-z0-9]+)(?:_(?P<session>ses-[A-Za-z0-9]+))?"
    r"(?:_[A-Za-z0-9]+-[A-Za-z0-9+]+)*_T1w(?:\.(?:[a-z0-9]+|[A-Z0-9]+))+"  # .nii, .NII, not .Nii
)
# Images of other formats are found too, and said not to be NIfTI when they are read.
_IMAGE = re.compile(r"_T1w\.(nii(\.(gz|bz2|xz|zst|zip))?|hdr|img|mgz|mgh|mnc)$", re.IGNORECASE)
_NIFTI = (".nii", ".nii.gz")


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


class Images(NamedTuple):
    """T1-weighted images of a tree.

    Parameters
    ----------
    kept
        Those that scans are taken from, by path.
    ignored
        Those of the same kind that `.bidsignore` leaves out, in the tree or in its derivatives.
    derivatives
        Whether they are in MNI space already.
    """

    kept: list[Path]
    ignored: list[Path]
    derivatives: bool


def find_images(root: str | Path, space: str = "auto") -> Images:
    """Return the T1-weighted images of a tree, as `find_scans` takes them."""
    root = Path(root)
    if not root.is_dir():
        raise ConfigError(f"{root}: no such folder, expected a BIDS tree; check data.source.path")
    derived = [] if space == "subject" else derivatives_of(root)
    rules = [BidsIgnore(folder) for folder in (root, *derived)]
    own = list(_images(root))
    further = (path for folder in derived for path in _images(folder))
    raw = [path for path in own if "_space-" not in path.name]
    warped = [path for path in (*own, *further) if f"_space-{TEMPLATE_SPACE}_" in path.name]
    asked = {"mni": (warped,), "subject": (raw,)}.get(space, (warped, raw))
    ignored: list[Path] = []
    for found in asked:
        out = {path for path in found for rule in rules if rule.leaves_out(path)}
        ignored += sorted(out)
        if kept := sorted(set(found) - out):
            return Images(kept, ignored, found is warped)
    return Images([], ignored, space == "mni")


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
        No such folder, no such image in it, a file that lies with another subject or session, one
        file for two sessions, or a folder that cannot be listed.
    """
    root = Path(root)
    images = find_images(root, space)
    if not images.kept:
        wanted = (
            f"derivatives/*/sub-*/[ses-*/]anat/*_space-{TEMPLATE_SPACE}*_T1w.nii.gz"
            if space == "mni"
            else "sub-*/[ses-*/]anat/*_T1w.nii.gz"
        )
        but = f" but {len(images.ignored)} that .bidsignore leaves out" if images.ignored else ""
        raise DataError(
            f"{root}: holds no T1-weighted image{but}, expected files like {wanted}; check the path "
            "and the setting space"
        )
    sessions: dict[tuple[str, str], list[Path]] = {}
    for path in images.kept:
        sessions.setdefault(_identity(path), []).append(path)
    sidecars = Sidecars(root)
    scans = [
        _scan(sidecars, who, found, derivatives=images.derivatives)
        for who, found in sorted(sessions.items())
    ]
    if twice := same_place(scan.path for scan in scans):
        raise DataError(
            f"{twice[1]}: is the same file as {twice[0]}, expected an image of its own for each session; "
            "remove one"
        )
    return scans


def scans_of_part(root: str | Path, space: str, part: str) -> list[Scan]:
    """Return the scans of one part of a tree, by its name ``i-of-n``; participants stay together.

    Raises `DataError` as `find_scans`, and for an image or a sidecar that cannot be read, such as a
    pointer to content that has not been fetched.
    """
    scans = [scan for scan in find_scans(root, space) if in_shard(scan.participant, part)]
    for scan in scans:
        for path in (scan.path, *scan.sidecars):
            check_readable(path)
    return scans


def derivatives_of(root: Path) -> list[Path]:
    """Return the folders of derivatives in a tree."""
    return [folder for top in folders(root, "derivatives") for folder in folders(top)]


def _images(root: Path) -> Iterator[Path]:
    """Files that are named as T1-weighted images, wherever one may have put them for a session."""
    for subject in folders(root, "sub-*"):
        for session in (subject, *folders(subject, "ses-*")):
            for folder in (session, *folders(session, "anat")):
                yield from (path for path in visible(folder) if _IMAGE.search(path.name))


def _identity(path: Path) -> tuple[str, str]:
    """Return participant and session as the name says; the folders must agree."""
    parts = _NAME.fullmatch(path.name)
    place = path.parent.parent if path.parent.name.lower() == "anat" else path.parent
    session = place.name if place.name.lower().startswith("ses-") else ""
    participant = place.parent.name if session else place.name
    told = (parts["participant"], parts["session"] or "") if parts else None
    if told != (participant, session) or path.parent.name != "anat":
        names = [f"{name[:4].lower()}{name[4:]}" for name in (participant, session) if name]
        raise DataError(
            f"{path}: the name does not fit its folder, expected "
            f"{'_'.join(names)}[_entities]_T1w.nii.gz in {'/'.join(names)}/anat; rename or move the file"
        )
    return participant, session


def _scan(
    sidecars: Sidecars, who: tuple[str, str], found: list[Path], *, derivatives: bool
) -> Scan:
    """Take the first image of a session; one that holds the brain alone comes before others."""
    first, *others = sorted(found, key=_rank)
    return Scan(*who, first, sidecars.of(first), derivatives, tuple(others))


def _rank(path: Path) -> tuple[bool, bool, Path]:
    return "_desc-brain_" not in path.name, not path.name.lower().endswith(_NIFTI), path
