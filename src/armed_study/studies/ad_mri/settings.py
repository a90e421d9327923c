"""Blocks of the configuration that studies of scans have."""

from typing import Annotated, Literal

from pydantic import AfterValidator

from armed_study.messages import listing
from armed_study.studies.blocks import Block, Folder, Positive, absent, key, refuse, unique
from armed_study.vocabulary.terms import GRADCAM


class Images(Block):
    """How a scan becomes an image."""

    size: int = key(
        "Height and width in pixels; 3 times a power of 2 for slice_cnn, such as 48, 96, 192.",
        ge=16,
    )
    transform: Literal["affine", "syn"] = absent(
        "Registration of images in subject space: affine, or syn (nonlinear, as published)."
    )
    grid_mm: int = absent("Voxel size at which they are registered.", ge=1, le=4)
    bias_correction: bool = absent("Whether their bias field is removed (N4).")


class Generated(Block):
    """Sizes of the generated tree."""

    sites_ge: Positive = absent("Seen sites with GE scanners and mostly AD.")
    sites_other: Positive = absent("Seen sites with Philips or Siemens scanners and mostly CN.")
    sites_unseen: int = absent("Unseen sites.", ge=0)
    subjects_seen_per_site: int = absent("Subjects of each seen site.", ge=2)
    subjects_unseen_per_site: int = absent("Subjects of each unseen site.", ge=2)
    fewest_per_diagnosis: Positive = absent("Of each diagnosis at every seen site.")
    second_session_every: int = absent(
        "Subjects whose number it divides have a second session (0 is nobody).", ge=0
    )
    voxel_mm: Literal[1, 2, 3] = absent("Edge of a voxel in mm.")
    derivatives: bool = absent("Brains in MNI space, instead of raw heads in a random pose.")


class Data(Block):
    """Which scans, and what is made of them."""

    source: Literal["generated"] | Folder = key(
        "`generated` (in a BIDS tree), or {path: your BIDS tree}."
    )
    space: Literal["auto", "mni", "subject"] = key(
        "Which images of the tree are taken: mni (in MNI space, from derivatives), subject (raw, "
        "registered here), or auto (those in MNI space if there are any)."
    )
    seen_sites: list[str] = key(
        "Sites that models are trained on; all others are unseen.", min_length=2
    )
    images: Images = key("How a scan becomes an image.")
    generated: Generated = absent("Sizes of the generated tree.")


def _methods(given: list[str]) -> list[str]:
    """Refuse methods of attribution without the one that figures need."""
    if GRADCAM not in given:
        refuse(f"found {listing(given) or 'none'}, expected {GRADCAM} among them; add it")
    return unique(given)


class Interpretation(Block):
    """Whose attribution is looked at, and what it is scored against."""

    samples: int = key(
        "Samples of seen and of unseen clusters whose attribution each fold looks at, half of each"
        " outcome.",
        ge=2,
    )
    threshold: float = key(
        "From where on the true map of the disease, 0 to 1, counts as diseased (generated images).",
        gt=0,
        le=1,
    )
    methods: Annotated[
        list[Literal["gradcam", "integrated_gradients"]], AfterValidator(_methods)
    ] = key(
        "Methods of attribution, gradcam among them: pictures of every site are its.",
        default=["gradcam", "integrated_gradients"],
    )


BLOCKS = {"interpretation": Interpretation}
