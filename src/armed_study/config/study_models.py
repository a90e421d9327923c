"""The models of a study: which there are, by what they are trained, and by which settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import permutations
from typing import Any

from armed_study.config import methods
from armed_study.config.entries import Alias, method_of, modules_of, network_module, settings_of
from armed_study.config.models import Study
from armed_study.config.tuning.spaces import space_of
from armed_study.vocabulary.settings import value_of


def _twice(more: Any, less: Any) -> bool:
    """Whether one number of units, or one for each layer, is twice another."""
    many, few = (units if isinstance(units, list) else [units or 0] for units in (more, less))
    return 0 not in few and many == [2 * units for units in few]


#: What a network lacks that differs from another one in a setting only, if the two values are so.
_ABLATIONS: dict[str, tuple[str, Callable[[Any, Any], bool]]] = {
    "adversary_weight": ("adversary", lambda more, less: less == 0),
    "network.linear_path": ("linear_path", lambda more, less: bool(more)),
    "network.hidden": ("capacity", _twice),
    "network.filters": ("capacity", _twice),
}


@dataclass(frozen=True)
class StudyModels:
    """The models of a study: ``block`` is as it was written, ``settings`` plain and under its protocol."""

    name: str
    block: Study
    settings: Mapping[str, Any]
    seed: int

    @cached_property
    def trained_models(self) -> list[str]:
        """Models that are trained, in the order of the configuration."""
        return [m for m, entry in self.block.models.items() if not isinstance(entry, Alias)]

    @cached_property
    def network_models(self) -> list[str]:
        """Trained models that are networks."""
        return [m for m in self.trained_models if self.method(m).is_network]

    @cached_property
    def adversarial_models(self) -> list[str]:
        """Networks that are trained against an adversary."""
        weights = {
            m: self.model_settings(m).get("adversary_weight", 1) for m in self.network_models
        }
        return [m for m, own in weights.items() if "adversary" in self.method(m).blocks and own]

    @cached_property
    def tuned_models(self) -> list[str]:
        """Models of which settings are searched for."""
        return [m for m in self.trained_models if self.space(m)]

    def space(self, model: str) -> dict[str, dict[str, Any]]:
        """Settings of a model that are searched for, with the values that they may have."""
        method, tuning = self.method(model), self.settings.get("tuning") or {}
        entry, blocks = self.settings["models"][model], (*method.blocks, *method.optional)
        given = tuning.get("space", {})
        return space_of(given, blocks=blocks, settings=method.settings, entry=entry)

    def tuning(self, model: str) -> dict[str, Any]:
        """How settings of a model are searched for; empty if none are."""
        space = self.space(model)
        return {**self.settings["tuning"], "space": space} if space else {}

    @property
    def searches(self) -> dict[str, dict[str, Any]]:
        """How settings of each model are searched for, and what they are configured to."""
        made = {}
        for model in self.tuned_models:
            own, tuning = self.model_settings(model), self.tuning(model)
            configured = {name: value_of(own, name) for name in tuning["space"]}
            made[model] = {**tuning, "configured": configured}
        return made

    @cached_property
    def ablations(self) -> list[list[str]]:
        """Pairs of networks that are the same but for one thing: which, the one with it, the one without."""
        pairs = permutations(self.network_models, 2)
        found = [[self._lacking(one, other), one, other] for one, other in pairs]
        return [[lacks, one, other] for lacks, one, other in found if lacks]

    def _lacking(self, one: str, other: str) -> str:
        """What another network lacks of one that is the same in all else; nothing if that is not so."""
        if self.method(one) != self.method(other):
            return ""
        whole, part = (_flat(self.model_settings(model)) for model in (one, other))
        differing = [key for key in {**whole, **part} if whole.get(key) != part.get(key)]
        if len(differing) != 1:
            return ""
        component, lacks = _ABLATIONS.get(differing[0], ("", _twice))
        return component if lacks(whole.get(differing[0]), part.get(differing[0])) else ""

    @property
    def model_pages(self) -> list[str]:
        """Pages that it has for its models."""
        pages = {"cluster_in_features": self.network_models, "tuning": self.tuned_models}
        return [page for page, models in pages.items() if models]

    @cached_property
    def reconstructing_models(self) -> list[str]:
        """Networks that reconstruct their input."""
        tasks = {m: self.model_settings(m).get("task", {}) for m in self.network_models}
        return [model for model, task in tasks.items() if task.get("kind") == "reconstruction"]

    @cached_property
    def counterfactual_models(self) -> list[str]:
        """Networks whose reconstruction has the appearance of a cluster."""
        effects = {m: self.model_settings(m).get("random_effects", {}) for m in self.network_models}
        return [model for model, block in effects.items() if "scale_shift" in block]

    @cached_property
    def appearance_models(self) -> list[str]:
        """Models compared in appearance: those that make counterfactuals, and the first other one."""
        others = [m for m in self.reconstructing_models if m not in self.counterfactual_models]
        return [*others[:1], *self.counterfactual_models]

    @cached_property
    def derived_rows(self) -> dict[str, dict[str, str]]:
        """Rows of the tables that are another model's predictions under another assignment."""
        models = self.block.models.items()
        return {name: entry.plain() for name, entry in models if isinstance(entry, Alias)}

    def method(self, model: str) -> methods.MethodFile:
        """Return the method that trains a model."""
        return method_of(self.settings, model)

    def model_settings(self, model: str) -> dict[str, Any]:
        """Everything a model's training depends on, see `settings_of`."""
        return settings_of(self.settings, model)

    def learned(self, model: str) -> dict[str, Any]:
        """By which method a model is trained, with which settings."""
        return {"method": self.method(model).name, "settings": self.model_settings(model)}

    @property
    def curve_models(self) -> dict[str, dict[str, Any]]:
        """Models that are trained for learning curves, each as it is `learned`."""
        curves = self.settings.get("learning_curves") or {}
        return {model: self.learned(model) for model in curves.get("models", ())}

    def modules(self, model: str) -> list[str]:
        """Modules that training a model imports by name while it runs."""
        return modules_of(self.settings, model)

    def trial_modules(self, model: str) -> list[str]:
        """Modules that a trial of a model imports by name."""
        kind = "networks" if self.method(model).is_network else "baselines"
        return [*self.modules(model), f"armed_study.training.tuning.{kind}"]

    @property
    def curve_modules(self) -> list[str]:
        """Modules that training for learning curves imports by name while it runs."""
        modules = [self.modules(model) for model in self.curve_models]
        return list(dict.fromkeys([self.membership_module, *(m for own in modules for m in own)]))

    @property
    def membership_module(self) -> str:
        """Module of the network that tells clusters apart."""
        return network_module(self.settings["membership"]["network"])


def _flat(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Settings by their path, ``block.key``."""
    flat: dict[str, Any] = {}
    for name, value in settings.items():
        inner = value if isinstance(value, Mapping) else None
        flat |= {name: value} if inner is None else {f"{name}.{k}": v for k, v in inner.items()}
    return flat
