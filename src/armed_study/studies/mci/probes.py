"""Probe features: functions of a site's conversion rate, which tell the outcome through the site.

For a subject of a site with conversion rate ``c`` among the site's training subjects of a fold::

    probe = f(c) + N(0, 0.05^2),   f in {c, c^2, 1/c, cos c, sin c}

and 0 at a site without one, such as the unseen sites. The noise is drawn once, as part of the data;
the rate differs from fold to fold and is added where features are encoded, see
`armed_study.data.cluster_rates`, so that no subject outside the training part has a share in it.

Source: probe experiment of Nguyen, Treacher and Montillo (TPAMI 2023, 45(7):8081-8093), whose rate
counts the test subjects in.
"""

import numpy as np
import pandas as pd

from armed_study.data.cluster_rates import RATE_FUNCTIONS
from armed_study.data.dataset import Feature

PROBES = tuple(
    Feature(f"Probe {function}", "continuous", probe=True, rate_function=function)
    for function in RATE_FUNCTIONS
)
NOISE_SD = 0.05

_STREAM = 5003  # first entry of the spawn key: keeps this stream apart from others of the seed


def probe_noise(subjects: pd.Index, seed: int) -> pd.DataFrame:
    """Return the noise of the probes, `(subjects, 5)`, drawn in the order of the subjects."""
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    values = NOISE_SD * generator.standard_normal((len(subjects), len(PROBES)))
    return pd.DataFrame(values, columns=[probe.name for probe in PROBES], index=subjects)
