"""Blocks of the configuration that studies of scans have."""

from typing import Literal

from pydantic import Field

from armed_study.studies.blocks import Block, Folder, Positive, absent


class Images(Block):
    """How a scan becomes an image."""

    size: int = Field(
        ge=16,
        description="Height and width in pixels; 3 times a power of 2 for slice_cnn, such as 48, 96, 192.",
    )
    transform: Literal["affine", "syn"] = absent(
        description="Registration of images in subject space: affine, or syn (nonlinear, as published).",
    )
    grid_mm: int = absent(ge=1, le=4, description="Voxel size at which they are registered.")
    bias_correction: bool = absent(description="Whether smooth shading is removed from them (N4).")


class Generated(Block):
    """Sizes of the generated tree."""

    sites_ge: Positive = absent(description="Seen sites with GE scanners and mostly AD.")
    sites_other: Positive = absent(
        description="Seen sites with Philips or Siemens scanners and mostly CN."
    )
    sites_unseen: int = absent(ge=0, description="Unseen sites.")
    subjects_seen_per_site: int = absent(ge=2, description="Subjects of each seen site.")
    subjects_unseen_per_site: int = absent(ge=2, description="Subjects of each unseen site.")
    fewest_per_diagnosis: Positive = absent(description="Of each diagnosis at every seen site.")
    second_session_every: int = absent(
        ge=0,
        description="Subjects whose number it divides have a second session (0 is nobody).",
    )
    voxel_mm: Literal[1, 2, 3] = absent(description="Edge of a voxel in mm.")
    derivatives: bool = absent(
        description="Brains in MNI space, instead of raw heads in a random pose."
    )


class Data(Block):
    """Which scans, and what is made of them."""

    source: Literal["generated"] | Folder = Field(
        description="`generated` (in a BIDS tree), or {path: your BIDS tree}."
    )
    space: Literal["auto", "mni", "subject"] = Field(
        description="Which images of the tree are taken: mni (in MNI space, from derivatives), subject "
        "(raw, registered here), or auto (those in MNI space if there are any)."
    )
    seen_sites: list[str] = Field(
        min_length=2, description="Sites that models are trained on; all others are unseen."
    )
    images: Images = Field(description="How a scan becomes an image.")
    generated: Generated = absent(description="Sizes of the generated tree.")


class Interpretation(Block):
    """Whose attribution is looked at, and what it is scored against."""

    samples: int = Field(
        ge=2,
        description="Samples of seen and of unseen clusters whose attribution each fold looks at, half "
        "of each outcome.",
    )
    threshold: float = Field(
        gt=0,
        le=1,
        description="From where on the true map of the disease, 0 to 1, counts as diseased (generated "
        "images).",
    )


BLOCKS = {"interpretation": Interpretation}
