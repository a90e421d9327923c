"""What the configuration asks for: models of a study, their settings, and checks across its fields.

It runs while the workflow is parsed, so it imports nothing heavy.
"""

from collections.abc import Mapping
from typing import Any

from armed.errors import ConfigError
from armed_study import method_files

_ENTRY_KEYS = ("method", "network", "training", "adversary", "random_effects")


def trained_models(study: Mapping[str, Any]) -> list[str]:
    """Models that are trained, in the order of the configuration."""
    return [name for name, entry in study["models"].items() if "evaluates" not in (entry or {})]


def derived_rows(study: Mapping[str, Any]) -> dict[str, dict[str, str]]:
    """Rows of the tables that are another model's predictions under another assignment."""
    return {
        name: {"evaluates": entry["evaluates"], "assignment": entry["assignment"]}
        for name, entry in study["models"].items()
        if "evaluates" in (entry or {})
    }


def method_of(study: Mapping[str, Any], model: str) -> str:
    """Method by which a model is trained."""
    return (study["models"][model] or {}).get("method", model)


def model_settings(study: Mapping[str, Any], model: str) -> dict[str, Any]:
    """Everything a model's training depends on: its blocks, overridden by its entry, and its own.

    A block that the method does not read is left out, so that a change of it trains nothing anew.
    """
    method = method_files.find(method_of(study, model))
    entry = dict(study["models"][model] or {})
    blocks = {b: {**(study.get(b) or {}), **(entry.get(b) or {})} for b in method.blocks}
    own = {key: value for key, value in entry.items() if key not in _ENTRY_KEYS}
    return {**blocks, **own}


def check(studies: Mapping[str, Any], reference_model: str) -> None:
    """Check what a schema cannot: names of methods, their settings, references between entries.

    Raises
    ------
    ConfigError
        Names the study and the key.
    """
    for name, study in studies.items():
        trained = trained_models(study)
        if reference_model not in trained:
            raise ConfigError(
                f"reference_model is '{reference_model}', which studies.{name} does not train; expected "
                f"one of {', '.join(trained)}; correct it or add the model"
            )
        for model, entry in study["models"].items():
            where = f"studies.{name}.models.{model}"
            if "evaluates" in (entry or {}):
                _check_derived(where, entry, trained)
            else:
                _check_trained(where, study, model)


def _check_derived(where: str, entry: Mapping[str, Any], trained: list[str]) -> None:
    if entry["evaluates"] not in trained:
        raise ConfigError(
            f"{where}: evaluates '{entry['evaluates']}', which is not trained; expected one of "
            f"{', '.join(trained)}; correct it"
        )


def _check_trained(where: str, study: Mapping[str, Any], model: str) -> None:
    try:
        method = method_files.find(method_of(study, model))
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from None
    unknown = [
        key for key in (study["models"][model] or {}) if key not in (*_ENTRY_KEYS, *method.settings)
    ]
    if unknown:
        known = ", ".join((*method.settings, *_ENTRY_KEYS[1:]))
        raise ConfigError(
            f"{where}: unknown key '{unknown[0]}'; expected some of {known}; correct the spelling"
        )
    missing = [
        b for b in method.blocks if not (study.get(b) or (study["models"][model] or {}).get(b))
    ]
    if missing:
        raise ConfigError(
            f"{where}: method '{method.name}' needs the block '{missing[0]}', which the study does not "
            f"have; add studies.*.{missing[0]} or put it into the model's entry"
        )
    training = model_settings(study, model).get("training", {})
    stops = training.get("patience") is not None
    if stops and not study["splits"].get("validation"):
        raise ConfigError(
            f"{where}: training.patience is {training['patience']} but splits.validation is 0; expected "
            "a validation part to stop by; raise splits.validation or set patience to null"
        )


def modules(study: Mapping[str, Any], model: str) -> list[str]:
    """Modules that training a model imports by name while it runs."""
    method = method_files.find(method_of(study, model))
    if method.module.startswith("armed.methods"):
        return [method.module, "armed_study.learners.neural"]
    return [method.module]


def raw_files(name: str, study: Mapping[str, Any]) -> list[str]:
    """Raw files of a study: under results where a rule writes them, else the user's own."""
    if study["kind"] == "spirals":
        return [f"<results>/{name}/raw/samples.csv", f"<results>/{name}/raw/clusters.csv"]
    source = study["data"]["source"]
    return [source["path"]] if "path" in source else [f"<results>/{name}/raw/table.csv"]


def origin(study: Mapping[str, Any]) -> str:
    """Where the data come from, in a few words for captions."""
    if study["kind"] == "spirals":
        return "generated data"
    source = study["data"]["source"]
    if "path" in source:
        return f"the user's table {source['path']}"
    return f"real data: {source['item']} of the R package {source['package']}"


def figures(study: Mapping[str, Any]) -> list[str]:
    """Figures that a study has."""
    every = ["performance", "importance", "intercepts", "calibration"]
    return ["points", "boundaries", *every] if study["kind"] == "spirals" else ["clusters", *every]


def metrics(study: Mapping[str, Any]) -> list[str]:
    """Metrics of the study's performance figure and table, the first one first."""
    judged = ["auroc", "auroc_within", "balanced_accuracy"]
    return ["accuracy", *judged] if study["kind"] == "spirals" else judged


def single_rules(study: Mapping[str, Any]) -> list[str]:
    """Rules that run once for a study, and are timed."""
    every = ["prepare_dataset", "split_samples", "evaluate_study", "write_tables"]
    if study["kind"] == "spirals":
        return ["simulate_samples", *every]
    return ["export_table", *every] if "package" in study["data"]["source"] else every
