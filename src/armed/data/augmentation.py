"""Images of training minibatches changed at random, as further ones of their kind could look."""

from dataclasses import dataclass, fields
from typing import Literal

import torch
from torch import Tensor
from torch.nn import functional as F

from armed.errors import ConfigError

FLIPS = ("none", "left_right", "both")


@dataclass(frozen=True)
class AugmentationSettings:
    """How much images of training minibatches are changed at random; not at all by default.

    Each image gets draws of its own whenever it is trained on. Its values are taken to lie between 0 and 1.

    Parameters
    ----------
    rotation_sd : float, at least 0
        Standard deviation of the angle of rotation, normal around 0, in radians.
    scale_sd : float, at least 0
        Standard deviation of the logarithm of the magnification, normal around 0.
    shift_sd : float, at least 0
        Standard deviation of the shift along either axis, normal around 0, in halves of the image's width.
    flip : {"none", "left_right", "both"}
        Which axes are mirrored, each with probability 1/2.
    quarter_turns : bool
        Whether the image is turned by none to three right angles, each as likely.
    gamma_sd : float, at least 0
        Standard deviation of the logarithm of the power that values are raised to, normal around 0.
    gain_sd : float, at least 0
        Standard deviation of the factor of all values, normal around 1.
    offset_sd : float, at least 0
        Standard deviation of what is added to all values, normal around 0.
    noise_sd : float, at least 0
        Standard deviation of what is added to each value, normal around 0.
    share : float, at least 0, at most 1
        Probability that an image is changed at all, in any of these; the others stay as they are.

    Raises
    ------
    ConfigError
        If a standard deviation is below 0, ``flip`` is another word, or ``share`` no probability.
    """

    rotation_sd: float = 0.0
    scale_sd: float = 0.0
    shift_sd: float = 0.0
    flip: Literal["none", "left_right", "both"] = "none"
    quarter_turns: bool = False
    gamma_sd: float = 0.0
    gain_sd: float = 0.0
    offset_sd: float = 0.0
    noise_sd: float = 0.0
    share: float = 1.0

    @property
    def moves(self) -> bool:
        """Whether images are turned, mirrored, magnified or shifted."""
        sd = self.rotation_sd + self.scale_sd + self.shift_sd
        return sd > 0 or self.quarter_turns or self.flip != "none"

    def __post_init__(self) -> None:
        if self.flip not in FLIPS:
            raise ConfigError(
                f"flip is {self.flip!r}; expected one of {', '.join(FLIPS)}; correct "
                "AugmentationSettings.flip"
            )
        if not 0 <= self.share <= 1:
            raise ConfigError(
                f"share is {self.share}; expected a number from 0 to 1; correct "
                "AugmentationSettings.share"
            )
        for name in (field.name for field in fields(self) if field.name.endswith("_sd")):
            if not getattr(self, name) >= 0:
                raise ConfigError(
                    f"{name} is {getattr(self, name)}; expected a number from 0; correct "
                    f"AugmentationSettings.{name}"
                )


def augmented(x: Tensor, settings: AugmentationSettings, generator: torch.Generator) -> Tensor:
    """Return images (batch, channels, size, size), each changed by draws of its own, whatever ``share`` is.

    ``x' = gain T(x)^gamma + offset + noise``, where ``T`` reads the image at ``A s + t``, between pixels
    bilinearly and outside of it at its border: one pass for turns, mirrors, magnification and shifts.
    """
    # As many draws whatever is switched on: another noise then leaves the places as they were.
    normal = torch.randn(7, len(x), generator=generator).to(x)
    chance = torch.rand(3, len(x), generator=generator).to(x)
    # Python's libraries have these changes too. Kornia's draw from the global stream of random numbers, which
    # replicas would share, and take longer; those of torchvision change a minibatch as one image.
    moved = x
    if settings.moves:
        places = _places(_affine(settings, normal, chance), x.shape[-1])
        moved = F.grid_sample(x, places, padding_mode="border", align_corners=False)
    gamma, gain, offset = (each.view(-1, 1, 1, 1) for each in normal[4:])
    power = (settings.gamma_sd * gamma).exp()
    values = torch.pow(moved.clamp_min(0), power) if settings.gamma_sd else moved
    noise = torch.randn(x.shape, generator=generator).to(x)
    made: Tensor = (1 + settings.gain_sd * gain) * values + settings.offset_sd * offset
    return made + settings.noise_sd * noise


def _places(affine: Tensor, size: int) -> Tensor:
    """``A s + t`` of the pixels' centres ``s``, from -1 to 1, (batch, size, size, 2).

    That of PyTorch multiplies three numbers a pixel by a matrix, in ten times the time.
    """
    centre = (2 * torch.arange(size).to(affine) + 1) / size - 1
    across, down, shift = affine[..., None].unbind(2)  # each (batch, 2, 1)
    rows = (down * centre + shift)[..., None]
    return ((across * centre)[:, :, None] + rows).permute(0, 2, 3, 1).contiguous()


def _affine(settings: AugmentationSettings, normal: Tensor, chance: Tensor) -> Tensor:
    """``[A t]``, (batch, 2, 3): from a place in the result, from -1 to 1, to that in the image."""
    angle = settings.rotation_sd * normal[0]
    size = (-settings.scale_sd * normal[1]).exp()
    cos, sin = size * angle.cos(), size * angle.sin()
    # Sine and cosine of right angles, as the numbers they are: such turns then change no value.
    turn = (4 * chance[0]).long() * settings.quarter_turns
    right = torch.tensor([1.0, 0.0, -1.0, 0.0]).to(normal)
    c, s = right[turn], right[turn - 1]
    cos, sin = c * cos - s * sin, s * cos + c * sin
    across, along = (1 - 2 * (chance[1:] < 0.5).to(normal)).unbind()
    across = across if settings.flip != "none" else torch.ones_like(across)
    along = along if settings.flip == "both" else torch.ones_like(along)
    shift = settings.shift_sd * normal[2:4]
    rows = (across * cos, -across * sin, shift[0], along * sin, along * cos, shift[1])
    return torch.stack(rows, dim=1).view(-1, 2, 3)
