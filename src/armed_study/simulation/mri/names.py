"""Settings of the simulated MRI and the names of its files, by arithmetic alone.

Nothing is drawn here.
"""

from dataclasses import dataclass
from pathlib import PurePosixPath

from armed.errors import ConfigError
from armed_study.messages import listing
from armed_study.simulation.settings import GeneratorSettings, at_least

VOXELS_MM = (1, 2, 3)
DERIVATIVES = PurePosixPath("derivatives/mni")
SPACE = "MNI152NLin2009cAsym"


@dataclass(frozen=True)
class MriSettings(GeneratorSettings):
    """Sizes of the simulated MRI; their distribution is described in `mri`.

    Parameters
    ----------
    sites_ge, sites_other, sites_unseen
        Seen sites with GE scanners and mostly AD, seen sites with Philips or Siemens scanners and
        mostly CN, and sites where diagnosis and manufacturer are independent. Site codes are S01,
        S02, ... in that order, so the seen ones come first.
    subjects_seen_per_site, subjects_unseen_per_site
        Subjects of each site.
    fewest_per_diagnosis
        Of each diagnosis at every seen site; the others have at least one of each. With 2 and from 9
        subjects a seen site on, the confounding is as strong as it is meant to be.
    second_session_every
        Subjects whose number it divides have a second session, a year later (0: nobody).
    voxel_mm
        Edge of a voxel: 1, 2 or 3 mm.
    derivatives
        Brain-extracted volumes in MNI space, instead of raw heads in a random rigid pose.

    Raises
    ------
    ConfigError
        A value of the wrong type or range.
    """

    sites_ge: int = at_least(1, 5)
    sites_other: int = at_least(1, 7)
    sites_unseen: int = at_least(0, 24)
    subjects_seen_per_site: int = at_least(2, 20)
    subjects_unseen_per_site: int = at_least(2, 6)
    fewest_per_diagnosis: int = at_least(1, 2)
    second_session_every: int = at_least(0, 4)
    voxel_mm: int = 2
    derivatives: bool = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.voxel_mm not in VOXELS_MM:
            raise ConfigError(f"voxel_mm is {self.voxel_mm!r}, expected 1, 2 or 3; correct it")
        if self.subjects_seen_per_site < 2 * self.fewest_per_diagnosis:
            raise ConfigError(
                f"subjects_seen_per_site is {self.subjects_seen_per_site}, expected at least "
                f"{2 * self.fewest_per_diagnosis}, twice fewest_per_diagnosis; raise it"
            )

    @property
    def sites_seen(self) -> int:
        """Number of seen sites."""
        return self.sites_ge + self.sites_other

    @property
    def subjects(self) -> int:
        """Number of subjects of all sites."""
        return (
            self.sites_seen * self.subjects_seen_per_site
            + self.sites_unseen * self.subjects_unseen_per_site
        )


def site_names(settings: MriSettings) -> list[str]:
    """Return the codes of all sites, seen ones first: ``S01``, ``S02``, ..."""
    return [f"S{n:02d}" for n in range(1, settings.sites_seen + settings.sites_unseen + 1)]


def participant_names(settings: MriSettings) -> list[str]:
    """Return ``sub-0001``, ``sub-0002``, ...; the site is drawn, not named."""
    return [f"sub-{number:04d}" for number in range(1, settings.subjects + 1)]


def session_names(settings: MriSettings, participant: str) -> list[str]:
    """Return the sessions of one participant, ``ses-01`` and perhaps ``ses-02``."""
    every = settings.second_session_every
    twice = every > 0 and number_of(participant) % every == 0
    return ["ses-01", "ses-02"] if twice else ["ses-01"]


def scan_names(settings: MriSettings) -> list[str]:
    """Return all scans as ``sub-XXXX_ses-YY``, in order."""
    return [
        f"{participant}_{session}"
        for participant in participant_names(settings)
        for session in session_names(settings, participant)
    ]


def number_of(entity: str) -> int:
    """Return the number in ``sub-0012`` or ``ses-01``."""
    return int(entity.partition("-")[2])


def split_scan(settings: MriSettings, name: str) -> tuple[str, str]:
    """Return participant and session of a scan of the tree, or say that there is none."""
    participant, _, session = name.partition("_")
    number = int(participant[4:]) if participant[4:].isdecimal() else 0
    known = 1 <= number <= settings.subjects and participant == f"sub-{number:04d}"
    if not known or session not in session_names(settings, participant):
        raise ConfigError(
            f"found no scan {name!r} in the generated tree, expected one of "
            f"{listing(scan_names(settings), limit=2)}; correct the name"
        )
    return participant, session


def dataset_folder(settings: MriSettings) -> PurePosixPath:
    """Return where the data set with the images is, relative to the root of the tree."""
    return DERIVATIVES if settings.derivatives else PurePosixPath(".")


def image_path(settings: MriSettings, name: str) -> PurePosixPath:
    """Return the path of a scan's image, relative to the root of the tree."""
    participant, session = name.split("_")
    entities = f"_space-{SPACE}_desc-brain" if settings.derivatives else ""
    folder = dataset_folder(settings) / participant / session / "anat"
    return folder / f"{name}{entities}_T1w.nii.gz"


def sidecar_path(settings: MriSettings, name: str) -> PurePosixPath:
    """Return the path of the JSON file next to a scan's image."""
    image = image_path(settings, name)
    return image.with_name(image.name.removesuffix(".nii.gz") + ".json")
