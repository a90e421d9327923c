"""Settings of training, and the optimisers that they name."""

import inspect
import math
from collections.abc import Container, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Any, Literal

import torch
from torch import Tensor
from torch.optim.lr_scheduler import OneCycleLR

from armed.data.augmentation import AugmentationSettings
from armed.effects.base import RandomEffect
from armed.errors import ConfigError
from armed.methods.base import Method

# Those that treat every number of a parameter by itself: replicas are stacked in one tensor and
# must not learn of each other through it.
ELEMENTWISE = (
    "ASGD", "Adadelta", "Adagrad", "Adam", "AdamW", "Adamax", "NAdam", "RAdam", "RMSprop", "Rprop",
    "SGD",
)  # fmt: skip
_FUSED = ("Adam", "AdamW", "SGD")
_DECOUPLED = ("Adam", "AdamW", "NAdam", "RAdam")  # whose weight decay may pass by the gradient

SCHEDULES = ("constant", "one_cycle")


@dataclass(frozen=True)
class FitSettings:
    """How long and how fast.

    Parameters
    ----------
    epochs : int, at least 1
        Passes over the training samples, at most.
    batch_size : int, at least 1
        Samples in a minibatch.
    learning_rate : float, above 0
        Step size of the optimiser; the largest one of a schedule.
    optimizer : str
        Name of a class in torch.optim.
    weight_decay : float, at least 0
        Times the step size: share of themselves by which a step shrinks kernels and matrices of networks, the
        adversary's too, apart from the gradient (AdamW, Adam, NAdam, RAdam); not biases, scales of norms
        and random effects.
    schedule : {"constant", "one_cycle"}
        Step size over all steps: constant, or one_cycle (torch's OneCycleLR: up for 30 % of the steps, then
        down to nearly 0; early stopping may end it sooner).
    class_weights : bool
        Whether both outcomes weigh the same in the loss.
    patience : int, at least 1, or None
        Epochs without improvement on the validation part after which a replica stops; null: never.
    precision : {"full", "mixed", "bfloat16"}
        Of networks trained alone: full; mixed: on a GPU 16 bits where they do no harm; bfloat16: those of
        this kind on any processor.
    channels_last : bool
        Whether networks trained alone have maps and kernels laid out by channel, which is faster.
    pin_memory : bool
        Whether images are read into pinned memory, from where a GPU fetches them while it computes.
    cross_fit : bool
        Whether variances come from samples that a network has not seen: two more learn half of them each.
    augmentation : AugmentationSettings or None
        How images of training minibatches are changed at random; null: not. No other images are: neither
        validation, test and unseen ones, nor those of which effects and clusters are inferred.
    """

    epochs: int = 10
    batch_size: int = 32
    learning_rate: float = 1e-3
    optimizer: str = "Adam"
    weight_decay: float = 0.0
    schedule: Literal["constant", "one_cycle"] = "constant"
    class_weights: bool = False
    patience: int | None = None
    precision: Literal["full", "mixed", "bfloat16"] = "full"
    channels_last: bool = True
    pin_memory: bool = True
    cross_fit: bool = False
    augmentation: AugmentationSettings | None = None


def check_settings(settings: FitSettings, method: Method) -> None:
    """Check values that a type alone does not tell; `ConfigError` names the setting."""
    for name in ("epochs", "batch_size", "patience"):
        value = getattr(settings, name)
        open_ended = value is None and name == "patience"
        if not open_ended and not (isinstance(value, Integral) and int(value) >= 1):
            raise ConfigError(
                f"{name} is {value!r}; expected a whole number of at least 1; correct FitSettings.{name}"
            )
    rate = settings.learning_rate
    if not 0 < rate < math.inf:
        raise ConfigError(
            f"learning_rate is {rate}; expected a number above 0; correct FitSettings.learning_rate"
        )
    if not 0 <= settings.weight_decay < math.inf:
        raise ConfigError(
            f"weight_decay is {settings.weight_decay}; expected a number from 0; correct "
            "FitSettings.weight_decay"
        )
    _check_decay(settings)
    if settings.schedule not in SCHEDULES:
        raise ConfigError(
            f"schedule is {settings.schedule!r}; expected {' or '.join(SCHEDULES)}; correct "
            "FitSettings.schedule"
        )
    if settings.class_weights and not method.task.has_classes:
        raise ConfigError(
            f"class_weights is set and the task is {type(method.task).__name__}; expected an outcome "
            "of classes; set class_weights to False"
        )


def _check_decay(settings: FitSettings) -> None:
    decay, name = settings.weight_decay, settings.optimizer
    if decay and name not in _DECOUPLED:
        raise ConfigError(
            f"weight_decay is {decay} and the optimizer {name}; expected one of {', '.join(_DECOUPLED)} "
            "to decay weights by; correct training.optimizer or set training.weight_decay to 0"
        )


def make_optimizer(
    settings: FitSettings,
    parameters: Mapping[str, Tensor],
    *,
    decayed: Container[str] = (),
    steps: int,
) -> torch.optim.Optimizer:
    """Return the optimiser of ``torch.optim`` that the settings name, one of `ELEMENTWISE`.

    Parameters
    ----------
    settings : FitSettings
    parameters : mapping of str to Tensor
    decayed : container of str
        Which of them weight decay shrinks, in each step by ``learning rate * weight_decay`` of themselves
        (decoupled from the gradient: Loshchilov and Hutter, ICLR 2019).
    steps : int
        Of the whole training, over which a schedule is laid; each step moves it on by one.

    Raises
    ------
    ConfigError
        For another name.
    """
    name, decay = settings.optimizer, settings.weight_decay
    if name not in ELEMENTWISE:
        raise ConfigError(
            f"unknown optimizer {name!r}; expected one of {', '.join(ELEMENTWISE)} (of torch.optim)"
            "; correct training.optimizer"
        )
    shrunk = [value for key, value in parameters.items() if decay and key in decayed]
    others = [value for key, value in parameters.items() if not decay or key not in decayed]
    groups = [{"params": shrunk, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]
    # Fused: one pass over memory for a whole step, which of a stack of small networks is most of it;
    # the equations are the same.
    options: dict[str, Any] = {"fused": True} if name in _FUSED else {}
    options |= {"decoupled_weight_decay": True} if name in ("NAdam", "RAdam", "Adam") else {}
    made: torch.optim.Optimizer = _without_compiler(getattr(torch.optim, name))(
        [group for group in groups if group["params"]], lr=settings.learning_rate, **options
    )
    if settings.schedule == "one_cycle":
        momentum = bool({"betas", "momentum"} & made.defaults.keys())
        cycle = OneCycleLR(made, settings.learning_rate, total_steps=steps, cycle_momentum=momentum)
        made.register_step_post_hook(lambda *_: cycle.step())
    return made


def _without_compiler(kind: type[torch.optim.Optimizer]) -> Any:
    """Return an optimiser of the same steps that leaves the compiler of PyTorch where it is.

    Wrappers around those of PyTorch import it to tell it that they are not to be compiled: a second of
    processor time in every process that trains.
    """
    own = {"add_param_group": inspect.unwrap(kind.add_param_group)}
    return type(kind.__name__, (kind,), own | {"step": torch.no_grad()(inspect.unwrap(kind.step))})


def decayed_parameters(method: Method) -> frozenset[str]:
    """Names of the parameters that weight decay shrinks: kernels and matrices of every network.

    Not those of one number a channel or unit (biases, scales of a norm, slopes of an activation), nor fixed
    effects that belong to estimated ones; nor means and spreads of random effects: a prior shrinks these.
    """
    effects = {
        f"{path}.{name}"
        for path, module in method.named_modules()
        if isinstance(module, RandomEffect)
        for name, _ in module.named_parameters(recurse=False)
    }
    named = method.named_parameters()
    return frozenset(name for name, value in named if value.ndim > 1 and name not in effects)
