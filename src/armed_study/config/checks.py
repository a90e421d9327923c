"""Reading a configuration: what is wrong with it becomes one sentence that names the key."""

from collections.abc import Collection, Mapping
from functools import partial
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from armed.errors import ConfigError
from armed_study.config import methods
from armed_study.config.entries import Alias, fault_of
from armed_study.config.models import Configuration
from armed_study.config.planning import PlannedStudy
from armed_study.config.tuning.spaces import check_space
from armed_study.messages import listing, quotes, short, suggestion

# What was expected, by the type of pydantic's error; braces are filled in from its context.
_EXPECTED = {
    "int_type": "integer",
    "float_type": "number",
    "finite_number": "a finite number",
    "bool_type": "boolean",
    "string_type": "string",
    "list_type": "list",
    "dict_type": "object",
    "model_type": "object",
    "greater_than_equal": "at least {ge}",
    "greater_than": "a number above {gt}",
    "less_than_equal": "at most {le}",
    "less_than": "a number below {lt}",
    "too_short": "at least {min_length} items",
    "string_too_short": "at least {min_length} characters",
    "string_pattern_mismatch": "a name that matches {pattern}",
}


def read(config: Mapping[str, Any]) -> Configuration:
    """Return a configuration, typed.

    Raises
    ------
    ConfigError
        For the first thing in ``config`` that is not as it may be.
    """
    try:
        return Configuration.model_validate(dict(config))
    except ValidationError as error:
        found = [(_place(detail, config), detail) for detail in error.errors()]
        place, detail = min(found, key=lambda each: len(each[0]))
        where = ".".join(place) or "the configuration"
        raise ConfigError(
            f"{where}: {_sentence(detail)}; config/README.md explains every key"
        ) from None


def _place(detail: ErrorDetails, config: Any) -> list[str]:
    """Keys that lead to an error; without the steps that pydantic adds for the form that it tried."""
    place, block = [], config
    for step in detail["loc"]:
        known = range(len(block)) if isinstance(block, list) else block
        if isinstance(known, range | Mapping) and step in known:
            block = block[step]
            place.append(str(step))
    if detail["type"] == "union_tag_invalid" and "kind" in detail["ctx"]["discriminator"]:
        place.append("kind")
    return place


def _sentence(detail: ErrorDetails) -> str:
    kind, found, context = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "sentence":
        return detail["msg"]
    if kind == "union_tag_not_found":
        return f"key 'kind' is missing, expected it with {listing(found)}; add it"
    if kind == "union_tag_invalid":
        if "method" in context["discriminator"]:
            return methods.unknown(context["tag"])
        found, kind = context["tag"], "literal_error"
        context = {"expected": context["expected_tags"]}
    if kind == "literal_error":
        expected = context["expected"].replace("'", '"').replace(", ", " or ")
        near = suggestion(found, expected.replace('"', "").split(" or "))
        return f"found {short(found)}{near}, expected {expected}; correct it"
    expected = _EXPECTED.get(kind, detail["msg"]).format(**context)
    remedy = quotes(found) if kind == "string_type" else ""
    return f"found {short(found)}, expected {expected}{remedy or '; correct it'}"


def check_references(studies: Mapping[str, PlannedStudy], reference_model: str) -> None:
    """Check what the type of no single value can say.

    Raises
    ------
    ConfigError
        Names the study and the key.
    """
    for name, study in studies.items():
        trained, compared = study.trained_models, study.block.compare_with
        if compared is not None:
            _check_name(f"studies.{name}.compare_with", compared, studies, "is no study")
        lacks, remedy = f"studies.{name} does not train", "correct it or add the model"
        _check_name("reference_model", reference_model, trained, lacks, remedy)
        _check_images(f"studies.{name}.membership", study, study.settings["membership"])
        if study.settings.get("tuning"):
            own = {m: study.space(m) for m in trained}
            check_space(
                f"studies.{name}", study.settings, own, images=study.images is not None,
                accept=partial(fault_of, study.settings),
            )  # fmt: skip
        for model in (study.settings.get("learning_curves") or {}).get("models", ()):
            _check_name(f"studies.{name}.learning_curves.models", model, trained, "is not trained")
        for model, entry in study.block.models.items():
            where = f"studies.{name}.models.{model}"
            if isinstance(entry, Alias):
                _check_name(f"{where}: alias_of", entry.alias_of, trained, "is not trained")
            else:
                _check_blocks(where, study, model)
                _check_outcome(where, study, model)
                _check_images(where, study, study.model_settings(model))
                _check_formula(where, study, model)


def _check_name(
    key: str, name: str, known: Collection[str], fault: str, remedy: str = "correct it"
) -> None:
    if name not in known:
        raise ConfigError(
            f"{key} is '{name}', which {fault}; expected one of {', '.join(known)}; {remedy}"
        )


def _check_outcome(where: str, study: PlannedStudy, model: str) -> None:
    kind, method, settings = study.outcome, study.method(model), study.model_settings(model)
    if kind not in method.outcomes:
        able = [name for name, each in methods.available().items() if kind in each.outcomes]
        raise ConfigError(
            f"{where}: method '{method.name}' is of outcomes that are {listing(method.outcomes)}, found "
            f"data.outcome.kind {kind}, expected one of {', '.join(able)}; take another, or leave it out"
        )
    training = settings.get("training", {})
    effects = settings.get("random_effects", {})
    monitor, task = training.get("monitor", "log_loss"), settings.get("task", {}).get("kind")
    numbers, classes = kind in ("continuous", "count"), kind == "categorical"
    for found, wrong, remedy in (
        (f"training.monitor {monitor}", monitor != "log_loss", "set it to log_loss"),
        ("training.class_weights", numbers and training.get("class_weights"), "set it to false"),
        ("training.cross_fit", not numbers and training.get("cross_fit"), "set it to false"),
        ("random_effects.correlated", classes and effects.get("correlated"), "set it to false"),
        (f"task.kind {task}", task is not None, "leave the block out"),
    ):
        if kind != "binary" and wrong:
            raise ConfigError(
                f"{where}: found {found}, expected none of it where data.outcome.kind is {kind}; {remedy}"
            )


def _check_images(where: str, study: PlannedStudy, settings: Mapping[str, Any]) -> None:
    if study.images is None and settings.get("training", {}).get("augmentation"):
        raise ConfigError(
            f"{where}: found training.augmentation, expected none of it where samples are no images (kind "
            f"{study.block.kind}); leave it out"
        )


def _check_formula(where: str, study: PlannedStudy, model: str) -> None:
    settings = study.model_settings(model)
    if study.settings["models"][model].get("random_effects") and "random_effects" not in settings:
        raise ConfigError(
            f"{where}: found random_effects without a formula, expected none or a formula, as method "
            f"'{study.method(model).name}' has an intercept of each cluster otherwise; leave them out"
        )
    formula = settings.get("random_effects", {}).get("formula")
    if formula is not None:
        check = getattr(study.kind, "check_formula", None)
        if check is None:
            raise ConfigError(
                f"{where}: found random_effects.formula in a study of kind {study.block.kind}, expected one "
                "of kind table, whose columns it names; name intercept and slopes instead"
            )
        check(formula, study.settings["data"], where)


def _check_blocks(where: str, study: PlannedStudy, model: str) -> None:
    method, settings = study.method(model), study.model_settings(model)
    if missing := [block for block in method.blocks if not settings[block]]:
        raise ConfigError(
            f"{where}: method '{method.name}' needs the block '{missing[0]}', found none, expected it in "
            f"the study or in the model's entry; add {missing[0]}"
        )
    training = settings.get("training", {})
    patience, watched = training.get("patience"), training.get("early_stopping_partition")
    watches = patience is not None and watched != "test"
    if watches and not study.settings["splits"]["validation"]:
        raise ConfigError(
            f"{where}: training.patience is {patience} but splits.validation is 0; expected "
            "a validation part to stop by; raise splits.validation or set patience to null"
        )
