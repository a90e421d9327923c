"""Any table: the user's own, or one that a package ships."""

from collections.abc import Mapping
from typing import Any

from armed.errors import ConfigError
from armed_study.data.mixed.random_effects import read_random_effects
from armed_study.messages import suggestion

METRICS = ("auroc", "auroc_within", "balanced_accuracy")
RAW_RULE = "export_table"
RAW = ("table.csv",)
SHIPPED = "armed_study"
"""What is named in the place of an R package for the tables that come with this study."""


def raw_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The packaged table, exported."""
    return RAW if "package" in data["source"] else ()


def user_files(data: Mapping[str, Any]) -> tuple[str, ...]:
    """The user's table."""
    return (data["source"]["path"],) if "path" in data["source"] else ()


def outcome(data: Mapping[str, Any]) -> str:
    """Which kind of outcome it is."""
    return str(data["outcome"].get("kind", "binary"))


def further_factors(study: Mapping[str, Any]) -> list[list[str]]:
    """Columns of the further cluster factors that the formulas of random effects name."""
    blocks = [study, *study["models"].values()]
    formulas = [(block.get("random_effects") or {}).get("formula") for block in blocks]
    terms = [term.columns for text in formulas if text for term in read_random_effects(text)]
    return [
        list(columns) for columns in dict.fromkeys(terms) if columns != (study["data"]["cluster"],)
    ]


def check_formula(formula: str, data: Mapping[str, Any], where: str) -> None:
    """Check what a formula of random effects names; `ConfigError` says where it is."""
    terms, features = read_random_effects(formula), data["features"]
    if terms[0].columns != (data["cluster"],):
        raise ConfigError(
            f"{where}: the first factor of random_effects.formula is '{terms[0].factor}', expected "
            f"data.cluster, '{data['cluster']}', which splits and adversary go by; begin with its term"
        )
    joint = [t for t in terms if t.correlated and t.intercept + len(t.slopes) > 1]
    if joint and outcome(data) == "categorical":
        raise ConfigError(
            f"{where}: found correlated effects of '{joint[0].factor}' in random_effects.formula, expected "
            "none where data.outcome.kind is categorical; write || for |"
        )
    for name in (name for term in terms for name in term.slopes):
        if features != "all" and name not in features:
            raise ConfigError(
                f"{where}: random_effects.formula has a slope of '{name}'{suggestion(name, features)}, "
                "expected one of data.features; correct it"
            )


def data_settings(study: Mapping[str, Any], seed: int) -> Mapping[str, Any]:
    """The `data` block, the further cluster factors if there are any, and the seed if one is needed."""
    factors, permuted = further_factors(study), study["data"].get("permute_outcome")
    more = {"further_factors": factors} if factors else {}
    return {**study["data"], **more, **({"seed": seed} if permuted else {})}


def origin(data: Mapping[str, Any]) -> str:
    """Path, or package and item; and whether outcomes are permuted."""
    source, permuted = data["source"], data.get("permute_outcome")
    first = "permuted outcomes of " if permuted else ""
    if "path" in source:
        return f"{first}the user's table {source['path']}"
    kind = first or "real data: "
    if source["package"] == SHIPPED:
        return f"{kind}{source['item'].replace('_', ' ')}, as shipped with this study"
    return f"{kind}{source['item']} of the R package {source['package']}"
