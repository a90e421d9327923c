"""What a crate refers to besides its files: profiles, the paper, software, data and parameters.

All properties are those of schema.org, as the profile Workflow Run Crate 0.5 asks for them [1]_.

References
----------
.. [1] https://w3id.org/ro/wfrun/workflow/0.5
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pandas as pd
from rocrate.model.contextentity import ContextEntity
from rocrate.rocrate import ROCrate

PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.5": ("Process Run Crate", "0.5"),
    "https://w3id.org/ro/wfrun/workflow/0.5": ("Workflow Run Crate", "0.5"),
    "https://w3id.org/workflowhub/workflow-ro-crate/1.0": ("Workflow RO-Crate", "1.0"),
}
PAPER = "https://doi.org/10.1109/TPAMI.2023.3234291"
LICENSE = "https://spdx.org/licenses/MIT"
_WORKFLOW_PROFILE = "https://bioschemas.org/profiles/ComputationalWorkflow/1.0-RELEASE"
_PARAMETER_PROFILE = "https://bioschemas.org/profiles/FormalParameter/1.0-RELEASE"
_AUTHORS = ("Kevin P. Nguyen", "Alex H. Treacher", "Albert A. Montillo")
_TITLE = (
    "Adversarially-regularized mixed effects deep learning (ARMED) models improve interpretability, "
    "performance, and generalization on clustered (non-iid) data"
)


def add(crate: ROCrate, identifier: str, kind: str | list[str], **properties: Any) -> ContextEntity:
    """Add an entity that is no file, and return it; what is None is left out."""
    told = {name: value for name, value in properties.items() if value is not None}
    return crate.add(ContextEntity(crate, identifier, properties={"@type": kind, **told}))


def profiles(crate: ROCrate) -> list[ContextEntity]:
    """Add the profiles that a crate conforms to."""
    return [
        add(crate, url, "CreativeWork", name=name, version=version)
        for url, (name, version) in PROFILES.items()
    ]


def workflow_profile(crate: ROCrate) -> ContextEntity:
    """Add the profile by which the workflow is described."""
    return add(
        crate,
        _WORKFLOW_PROFILE,
        "CreativeWork",
        name="Bioschemas ComputationalWorkflow",
        version="1.0-RELEASE",
    )


def paper(crate: ROCrate) -> ContextEntity:
    """Add the paper that introduced the method."""
    place = add(crate, "#utsw", "Organization", name="UT Southwestern Medical Center")
    authors = [
        add(crate, f"#author-{number}", "Person", name=name, affiliation=place)
        for number, name in enumerate(_AUTHORS, 1)
    ]
    journal = "IEEE Transactions on Pattern Analysis and Machine Intelligence 45(7): 8081-8093"
    return add(
        crate,
        PAPER,
        "ScholarlyArticle",
        name=_TITLE,
        author=authors,
        datePublished="2023",
        isPartOf=add(crate, "#journal", "CreativeWork", name=journal),
    )


def license_of(crate: ROCrate) -> ContextEntity:
    """Add the licence of the workflow."""
    return add(crate, LICENSE, "CreativeWork", name="MIT License", url=LICENSE)


def agent(crate: ROCrate, about: Mapping[str, str]) -> ContextEntity:
    """Add who ran the workflow: `name`, and `orcid` and `affiliation` where the configuration has them."""
    place = about.get("affiliation")
    home = add(crate, "#affiliation", "Organization", name=place) if place else None
    return add(
        crate, about.get("orcid") or "#agent", "Person", name=about["name"], affiliation=home
    )


def software(crate: ROCrate, packages: pd.DataFrame) -> Iterator[ContextEntity]:
    """Add packages, as the record of a run lists them: installed version, or the pinned one."""
    for name, rows in packages.groupby("item", sort=True):
        versions = rows.dropna(subset="value").set_index("property")["value"]
        url = f"https://pypi.org/project/{name}/" if name != "python" else "https://www.python.org/"
        yield add(
            crate,
            url,
            "SoftwareApplication",
            name=name,
            url=url,
            softwareVersion=str(versions.get("installed", versions["pinned"])),
        )


def data(
    crate: ROCrate, studies: Mapping[str, Mapping[str, Any]], parameter: ContextEntity
) -> dict[str, ContextEntity]:
    """Add what the data of each study are, by study: generated, or real and not in the crate."""
    return {
        name: add(
            crate,
            f"#data-{name}",
            "PropertyValue",
            name=f"Data of the study {name}: {study['title']}",
            value=study["data"],
            description=_GENERATED if study["generated"] else _REAL,
            exampleOfWork=parameter,
        )
        for name, study in studies.items()
    }


_GENERATED = "Generated data: what is found of them is a finding about their generator too."
_REAL = "Real data, which are not in this crate."


def parameter(
    crate: ROCrate, name: str, kind: str, examples: Iterable[ContextEntity] = ()
) -> ContextEntity:
    """Add an input of the workflow; ``kind`` is schema.org's type of its values."""
    profile = crate.get(_PARAMETER_PROFILE) or add(
        crate,
        _PARAMETER_PROFILE,
        "CreativeWork",
        name="Bioschemas FormalParameter",
        version="1.0-RELEASE",
    )
    return add(
        crate,
        f"#parameter-{name}",
        "FormalParameter",
        name=name,
        additionalType=kind,
        conformsTo=profile,
        workExample=list(examples) or None,
    )
