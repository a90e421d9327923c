"""Which claims can be judged by what is planned, and what is known of each before anything runs."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from armed.errors import ConfigError
from armed_study.config import effects, figures
from armed_study.config.effects import PlannedEffects
from armed_study.config.entries import Claim
from armed_study.config.planning import PlannedStudy
from armed_study.messages import listing, suggestion
from armed_study.vocabulary.terms import LINEAR, ORACLES

EFFECTS = "effects"
_NOTHING = dict.fromkeys(("figure", "data", "subject", "published"), "")
_ALWAYS = (
    "summary", "comparisons", "best", "decomposition", "random_effects", "variance_components", "icc_r2",
)  # fmt: skip
_OF_FIGURES = {"probe_ranks": "ranked_importance", "recovery": "validation"}
_PAGES = ("cluster_in_features", "confounding", "latents", "qc", "reconstruction")
#: Tables of the study of effects, with the figure of the same data.
OF_EFFECTS = {"documented": "documented_variances", "fixed_parts": "documented_variances"}
OF_EFFECTS |= {"grid": "simulated_variances"} | {name: name for name in effects.FIGURES}


def plan(
    claims: Mapping[str, Claim],
    studies: Mapping[str, PlannedStudy],
    of_effects: PlannedEffects | None,
) -> list[dict[str, Any]]:
    """Return each claim as plain data, with what is planned of it.

    Key ``lacks`` says why the claim cannot be tested, empty if it can; ``data`` where the study's data come
    from, ``subject`` its title up to a comma or bracket, ``published`` the name of its published values,
    ``ratio`` the test samples of a fold by its training samples, and ``figure`` the name of a figure that is
    drawn, or nothing.

    Raises
    ------
    ConfigError
        A claim names a table or figure that no study has.
    """
    planned = []
    for name, claim in claims.items():
        said = claim.plain()
        _check(f"claims.{name}", said)
        if claim.study == EFFECTS and of_effects is not None:
            planned.append({"claim": name, **said, **_of_effects(said, of_effects)})
        elif claim.study in studies:
            planned.append({"claim": name, **said, **_of_study(said, studies[claim.study])})
        else:
            lacks = f"study '{claim.study}' is not in the configuration"
            planned.append({"claim": name, **said, **_NOTHING, "lacks": lacks})
    return planned


def tables(planned: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the files of the tables that claims are judged by, each once."""
    named = [f"<results>/tables/{c['study']}/{c['table']}.csv" for c in planned if not c["lacks"]]
    return list(dict.fromkeys(named))


def made(study: PlannedStudy) -> list[str]:
    """Return the names of the tables that a study writes as CSV files."""
    pages = [name for name in study.pages if name in _PAGES]
    more = [name for name, figure in _OF_FIGURES.items() if figure in study.figures]
    return [*_ALWAYS, *study.figures, *pages, *more]


def _check(where: str, claim: Mapping[str, Any]) -> None:
    """Refuse a table or figure that there is nowhere: a slip of the pen, not another configuration."""
    drawn = [*figures.declared()]
    known = [*_ALWAYS, *_OF_FIGURES, *_PAGES, *OF_EFFECTS, *drawn]
    for what, name, names in (
        ("table", claim["table"], known),
        ("figure", claim.get("figure"), drawn),
    ):
        if name is not None and name not in names:
            raise ConfigError(
                f"{where}.{what}: found '{name}'{suggestion(name, names)}, expected one of "
                f"{listing(sorted(set(names)), 99)}; correct it"
            )


def _of_study(claim: Mapping[str, Any], study: PlannedStudy) -> dict[str, Any]:
    """What is planned of a claim on a study."""
    splits = study.block.splits
    test = splits.test or 1 / splits.folds
    return {
        "data": study.origin,
        "subject": re.split(r" \(|,", study.block.title)[0],
        "published": study.published_values,
        "ratio": test / ((1 - test) * (1 - splits.validation)),
        "figure": claim.get("figure", "") if claim.get("figure") in study.figures else "",
        "lacks": _lacking(claim, study.name, made(study), [*study.block.models, *ORACLES]),
    }


def _of_effects(claim: Mapping[str, Any], planned: PlannedEffects) -> dict[str, Any]:
    """What is planned of a claim on effects of known variance, whose replicates are independent."""
    models = [*planned.models, LINEAR, *ORACLES]
    shown = OF_EFFECTS.get(claim["table"], "")
    return {
        "data": effects.FIGURES.get(shown, ""),
        "subject": "Clusters of known variance",
        "published": "",
        "ratio": 0.0,
        "figure": claim.get("figure", ""),
        "lacks": _lacking(claim, EFFECTS, [*OF_EFFECTS], models),
    }


def _lacking(claim: Mapping[str, Any], study: str, tables: list[str], models: list[str]) -> str:
    """Say which table or model of a claim a study lacks; nothing if it has them."""
    less = claim.get("less")
    sides = [claim["rows"], less if isinstance(less, Mapping) else {}]
    if claim["table"] not in tables:
        return f"study '{study}' has no table '{claim['table']}'"
    absent = [side["model"] for side in sides if side.get("model", models[0]) not in models]
    return f"study '{study}' has no model '{absent[0]}'" if absent else ""
