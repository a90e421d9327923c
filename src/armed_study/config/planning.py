"""What the configuration asks for: models of a study, their settings, and checks across its fields.

It runs while the workflow is parsed, so it imports nothing heavy.
"""

from collections.abc import Mapping
from typing import Any

from armed.errors import ConfigError
from armed_study import networks
from armed_study import studies as kinds
from armed_study.config import methods

# Rules that make the dataset of a study, once, by what its images are prepared from.
_PREPARING: dict[str | None, tuple[str, ...]] = {
    None: ("prepare_dataset", "encode_features"),
    "scans": ("join_scans", "measure_images"),
    "frames": ("join_frames",),
}
# Rules that run once for a study that has a figure or page.
_FOR_FIGURES = (
    ("univariate", "fit_univariate"),
    ("validation", "validate_effects"),
    ("gradcam", "choose_samples"),
    ("attribution", "map_disease"),
    ("attribution", "score_attribution"),
    ("reconstruction", "score_reconstruction"),
    ("latent_maps", "project_latents"),
    ("reconstructions", "choose_frames"),
    ("counterfactuals", "render_counterfactuals"),
    ("counterfactuals", "score_counterfactuals"),
)
_BLOCKS = ("network", "training", "adversary", "random_effects", "task")
_ENTRY_KEYS = ("method", *_BLOCKS)


def under_protocol(studies: Mapping[str, Any]) -> dict[str, Any]:
    """Studies as their protocol has them.

    `published` is that of the published study, for comparison: training stops by the fold whose
    result is reported, so nothing is set aside for validation, and results come out optimistic.
    """
    return {
        name: {
            **study,
            "splits": {**study["splits"], "validation": 0.0},
            "training": {**study["training"], "stop_on": "test"},
        }
        if study.get("protocol") == "published"
        else study
        for name, study in studies.items()
    }


def trained_models(study: Mapping[str, Any]) -> list[str]:
    """Models that are trained, in the order of the configuration."""
    return [name for name, entry in study["models"].items() if "evaluates" not in (entry or {})]


def network_models(study: Mapping[str, Any]) -> list[str]:
    """Trained models that are networks, in the order of the configuration."""
    return [m for m in trained_models(study) if _is_network(method_of(study, m))]


def reconstructing_models(study: Mapping[str, Any]) -> list[str]:
    """Networks of a study that reconstruct their input, in the order of the configuration."""
    tasks = {m: model_settings(study, m).get("task") or {} for m in network_models(study)}
    return [model for model, task in tasks.items() if task.get("kind") == "reconstruction"]


def imagining_models(study: Mapping[str, Any]) -> list[str]:
    """Trained models whose reconstruction has the look of a cluster, in the order of the configuration."""
    return [
        model
        for model in network_models(study)
        if model_settings(study, model).get("random_effects", {}).get("scale_shift")
    ]


def looked_models(study: Mapping[str, Any]) -> list[str]:
    """Models whose reconstructions are compared in looks: the imagining ones, and the first other."""
    imagining = imagining_models(study)
    others = [model for model in reconstructing_models(study) if model not in imagining]
    return [*others[:1], *imagining]


def folds(study: Mapping[str, Any]) -> int:
    """How many folds a study has at most, those that leave clusters out among them."""
    splits = study["splits"]
    return splits["folds"] + (splits["unseen"].get("folds") or 0)


def _is_network(method: str) -> bool:
    return methods.find(method).module.startswith("armed.methods")


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
    method = methods.find(method_of(study, model))
    entry = dict(study["models"][model] or {})
    there = [b for b in method.optional if study.get(b) or entry.get(b)]
    blocks = {
        b: _overridden(study.get(b) or {}, entry.get(b) or {}) for b in (*method.blocks, *there)
    }
    own = {key: value for key, value in entry.items() if key not in _ENTRY_KEYS}
    return {**blocks, **own}


def _overridden(block: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """Return a study's block with a model's own keys; of another kind than the study's, those only."""
    other = own.get("kind", block.get("kind")) != block.get("kind")
    return dict(own) if other else {**block, **own}


def check(studies: Mapping[str, Any], reference_model: str) -> None:
    """Check what a schema cannot: names of methods, their settings, references between entries.

    Raises
    ------
    ConfigError
        Names the study and the key.
    """
    for name, study in studies.items():
        trained = trained_models(study)
        if study.get("beside", name) not in studies:
            raise ConfigError(
                f"studies.{name}.beside is '{study['beside']}', which is no study; expected one of "
                f"{', '.join(studies)}; correct it"
            )
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
        method = methods.find(method_of(study, model))
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
    stops = training.get("patience") is not None and training.get("stop_on") != "test"
    if stops and not study["splits"].get("validation"):
        raise ConfigError(
            f"{where}: training.patience is {training['patience']} but splits.validation is 0; expected "
            "a validation part to stop by; raise splits.validation or set patience to null"
        )


def modules(study: Mapping[str, Any], model: str) -> list[str]:
    """Modules that training a model imports by name while it runs."""
    method = methods.find(method_of(study, model))
    if _is_network(method.name):
        settings = model_settings(study, model)
        blocks = (settings["network"], (settings.get("task") or {}).get("appearance"))
        built = [network_module(block) for block in blocks if block]
        return [method.module, "armed_study.training.neural", *dict.fromkeys(built)]
    return [method.module]


def network_module(block: Mapping[str, Any]) -> str:
    """Module of the network that a ``network`` block describes."""
    return f"armed_study.networks.{block.get('kind', networks.DEFAULT)}"


def raw_rule(study: Mapping[str, Any]) -> str | None:
    """Rule that writes the raw files of a study; None if they are the user's."""
    kind = kinds.load(study["kind"])
    return kind.RAW_RULE if kind.raw_files(study["data"]) else None


def raw_files(name: str, study: Mapping[str, Any]) -> list[str]:
    """Raw files of a study: under results where a rule writes them, else the user's own."""
    kind = kinds.load(study["kind"])
    written = [f"<results>/{name}/raw/{file}" for file in kind.raw_files(study["data"])]
    return written or list(kind.user_files(study["data"]))


def images(study: Mapping[str, Any]) -> str | None:
    """What the images of the samples are prepared from, scans or frames; None without images."""
    return getattr(kinds.load(study["kind"]), "IMAGES", None)


def part_files(name: str, study: Mapping[str, Any], part: str) -> list[str]:
    """Files of one part of the images of a study: the generated tree, or the user's."""
    kind: Any = kinds.load(study["kind"])
    if kind.raw_files(study["data"]):
        return [f"<results>/{name}/raw/{kind.TREE}"]
    return list(kind.part_files(study["data"], part))


def users_tree(study: Mapping[str, Any]) -> str | None:
    """Root of the user's tree of images; None if it is generated."""
    kind = kinds.load(study["kind"])
    return None if kind.raw_files(study["data"]) else str(study["data"]["source"]["path"])


def data_settings(study: Mapping[str, Any], seed: int) -> dict[str, Any]:
    """What the data of a study are made by: its kind and what the kind reads of the configuration."""
    kind = kinds.load(study["kind"])
    return {"kind": study["kind"], "data": kind.data_settings(study, seed)}


def origin(study: Mapping[str, Any]) -> str:
    """Where the data come from, in a few words for captions."""
    return kinds.load(study["kind"]).origin(study["data"])


def figures(study: Mapping[str, Any]) -> list[str]:
    """Figures that a study has."""
    kind = kinds.load(study["kind"])
    known = getattr(kind, "FIGURES_OF_TRUTH", ()) if raw_rule(study) else ()
    return [*kind.FIGURES, *known]


def pages(study: Mapping[str, Any]) -> list[str]:
    """Tables and pages, as HTML, that studies of its kind alone have."""
    return list(getattr(kinds.load(study["kind"]), "PAGES", ()))


def metrics(study: Mapping[str, Any]) -> list[str]:
    """Metrics of the study's performance figure and table, the first one first."""
    return list(kinds.load(study["kind"]).METRICS)


def single_rules(study: Mapping[str, Any]) -> list[str]:
    """Rules that run once for a study, and are timed."""
    every = ["split_samples", "evaluate_study", "write_tables"]
    every += _PREPARING[images(study)]
    written = raw_rule(study)
    shown = (*figures(study), *pages(study))
    fitted = [rule for name, rule in _FOR_FIGURES if name in shown]
    return [*([written] if written else []), *every, *fitted]
