"""Probe features: functions of a site's conversion rate, which tell the outcome through the site.

For a subject of a seen site with conversion rate ``c`` among its ``n`` labelled subjects::

    probe = f(c) + N(0, 0.05^2),   f in {c, c^2, 1/c, cos c, sin c}

and 0 at unseen sites. In ``1/c``, ``c`` is taken to be at least ``1 / (2n)``, half a conversion,
so that a site without one has a value. The noise is drawn once, as part of the data.

Source: probe experiment of Nguyen, Treacher and Montillo (TPAMI 2023, 45(7):8081-8093).
"""

from collections.abc import Collection

import numpy as np
import pandas as pd

NAMES = ("Probe c", "Probe c^2", "Probe 1/c", "Probe cos c", "Probe sin c")
NOISE_SD = 0.05

_STREAM = 5003  # first entry of the spawn key: keeps this stream apart from others of the seed


def probe_features(samples: pd.DataFrame, seen: Collection[str], seed: int) -> pd.DataFrame:
    """Return the probes, `(samples, 5)`, with the index of `samples`.

    Parameters
    ----------
    samples
        Labelled subjects in the order of their ids: columns cluster (text) and outcome (0 or 1).
        The order is that of the draws.
    seen
        The seen sites.
    seed
        Seed of the noise.
    """
    outcome = samples.groupby("cluster")["outcome"]
    rate = outcome.transform("mean").to_numpy(float)
    floor = 0.5 / outcome.transform("size").to_numpy(float)
    inverse = 1 / np.maximum(rate, floor)
    values = np.column_stack([rate, rate**2, inverse, np.cos(rate), np.sin(rate)])
    generator = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM,)))
    values += NOISE_SD * generator.standard_normal(values.shape)
    values[~samples["cluster"].isin(seen).to_numpy()] = 0.0
    return pd.DataFrame(values, columns=list(NAMES), index=samples.index)
