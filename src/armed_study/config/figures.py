"""What the workflow asks of figures: which a study has, what they read, how they are explained.

A figure's file says it in ``FIGURE``, a literal that is read without importing the file:

section
    Where it stands in the report: ``Figures``, or ``Data`` of what is known before any model.
kinds
    Kinds of study that have it; all where this is left out. A kind that a figure does not know of may
    name it in its own ``FIGURES``.
outcomes
    Kinds of outcome for which it makes sense; all where this is left out.
needs
    Block of a study's configuration without which it has no such figure; none where this is left out.
truth
    Whether only studies have it whose raw files a rule writes.
reads
    Files, each with whose it is: ``study``, ``truth`` (of the study, where a rule writes its raw files),
    or a sort of models, ``network``, ``counterfactual`` ... (all parts of each). A name without an ending is
    that of a table.
settings
    Values of the study's configuration, by the name that the drawing knows them by.
finding
    What it shows, a sentence that the tables of the study write, as a template with what
    `armed_study.report.paper.findings` gives it to look up; nothing is said where it is left out.
caption, caption_of_truth
    Text of the report, reStructuredText, and what is added where the truth is known; ``{name}`` is the
    study's name, ``{study[...]}`` its configuration.
"""

import re
from collections.abc import Mapping
from functools import cache, reduce
from pathlib import PurePath
from typing import Any

from armed import discovery
from armed_study.vocabulary.outcomes import KINDS

_DEFAULTS: dict[str, Any] = {
    "section": "Figures",
    "outcomes": tuple(KINDS),
    "needs": None,
    "truth": False,
    "settings": {},
    "caption_of_truth": "",
    "finding": "",
}


@cache
def declared() -> dict[str, dict[str, Any]]:
    """Figures by name, with what each says of itself."""
    found = discovery.discover("armed_study.figures", "FIGURE", families=True)
    return {name: _DEFAULTS | discovery.literal(path, "FIGURE") for name, path in found.items()}


def about(figure: str) -> dict[str, Any]:
    """What a figure says of itself."""
    return declared()[figure]


def module(figure: str) -> str:
    """Module of a figure."""
    path = discovery.discover("armed_study.figures", "FIGURE", families=True)[figure]
    return f"armed_study.figures.{path.parent.name}.{figure}"


def of_section(section: str) -> list[str]:
    """Figures of a section of the report."""
    return [name for name, said in declared().items() if said["section"] == section]


def of_study(study: Mapping[str, Any], *, known: bool, outcome: str = "binary") -> list[str]:
    """Figures of a study by its configuration, `known` if a rule writes its raw files, and its outcome."""
    return [
        name
        for name, said in declared().items()
        if study["kind"] in said.get("kinds", (study["kind"],)) and (known or not said["truth"])
        if outcome in said["outcomes"] and (said["needs"] is None or study.get(said["needs"]))
    ]


def reads(figure: str) -> dict[str, tuple[str, str]]:
    """What a figure reads: by name, the file and whose it is."""
    return {
        PurePath(name).stem: (name if PurePath(name).suffix else f"{name}.parquet", whose)
        for name, whose in about(figure)["reads"].items()
    }


def settings(figure: str, study: Mapping[str, Any]) -> dict[str, Any]:
    """Values of the study's configuration that a figure draws by."""
    wanted = about(figure)["settings"]
    return {name: reduce(lambda at, key: at[key], keys, study) for name, keys in wanted.items()}


def literal(text: str) -> str:
    """Text of the user, such as a path, as reStructuredText that shows it as it is, in one line."""
    return re.sub(r"([\\*`|_])", r"\\\1", " ".join(text.split()))


def caption(figure: str, name: str, study: Mapping[str, Any], *, known: bool) -> str:
    """Text that explains a figure of a study, `known` if a rule writes its raw files."""
    said = about(figure)
    parts = (said["caption"], said["caption_of_truth"] if known else "")
    return "\n\n".join(part.strip() for part in parts if part).format(name=name, study=study)
