"""What can be told of an image without a network: by which a cluster may give itself away."""

import numpy as np


def measured(image: np.ndarray) -> dict[str, float]:
    """Mean, standard deviation and mean absolute difference of neighbours, of an image (size, size)."""
    steps = [np.abs(np.diff(image, axis=axis)).mean() for axis in (0, 1)]
    return {
        "brightness": float(image.mean()),
        "contrast": float(image.std()),
        "sharpness": float(np.mean(steps)),
    }
