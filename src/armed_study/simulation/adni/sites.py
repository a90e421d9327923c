"""Sites of the simulated ADNIMERGE, and how many people of each kind each of them enrolled.

Kinds: labelled (MCI, followed long enough for a label), lost (MCI, not), normal (CN and SMC) and
dementia. Sizes are dealt, not drawn, so that every seed has the published numbers: 392 labelled
people at the 20 largest sites, 327 at 40 others, with the skew of a real multi-site study. The
site numbers are of the kind that ADNI uses; which of them is large is drawn.
"""

import numpy as np
import pandas as pd

SITES = (
    2, 3, 5, 6, 7, 9, 10, 11, 12, 13, 14, 16, 18, 19, 20, 21, 22, 23, 24, 27, 29, 31, 32, 33, 35, 36,
    37, 41, 51, 52, 53, 57, 62, 67, 68, 70, 72, 73, 82, 94, 98, 99, 100, 109, 114, 116, 123, 126,
    127, 128, 129, 130, 131, 133, 135, 136, 137, 141, 153, 941,
)  # fmt: skip
SEEN = (32, 29, 27, 25, 23, 22, 21, 20, 19, 18, 18, 17, 17, 16, 16, 15, 15, 14, 14, 14)
OTHERS = (
    12, 12, 12, 12, 12, 12, 11, 11, 11, 11, 10, 10, 10, 10, 9, 9, 9, 9, 9, 8, 8, 8, 8, 8, 8,
    7, 7, 7, 7, 7, 6, 6, 6, 6, 5, 4, 4, 3, 2, 1,
)  # fmt: skip
LOST, NORMAL, SMC_SHARE, DEMENTIA = 96, 570, 0.18, 315
_MOVES = 15


def draw_sites(rng: np.random.Generator) -> pd.DataFrame:
    """Return, by SITE, whether it is among the 20 largest, and its labelled, lost, normal, dementia.

    The number of labelled people differs a little between seeds at each site, not in the sums.
    """
    seen = _moved(rng, np.array(SEEN), low=min(SEEN), high=40)
    others = _moved(rng, np.array(OTHERS), low=1, high=max(OTHERS))
    frame = pd.DataFrame({"seen": np.arange(len(SITES)) < len(seen)}, index=rng.permutation(SITES))
    frame["labelled"] = np.r_[seen, others]
    for kind, total in (("lost", LOST), ("normal", NORMAL), ("dementia", DEMENTIA)):
        share = frame["labelled"].to_numpy() * np.exp(0.35 * rng.standard_normal(len(frame)))
        frame[kind] = _dealt(total, share)
    return frame.rename_axis("SITE").sort_index()


def _moved(rng: np.random.Generator, sizes: np.ndarray, *, low: int, high: int) -> np.ndarray:
    """Move single people between sites without leaving [low, high]."""
    for giver, taker in rng.integers(len(sizes), size=(_MOVES, 2)):
        if giver != taker and sizes[giver] > low and sizes[taker] < high:
            sizes[giver] -= 1
            sizes[taker] += 1
    return sizes


def _dealt(total: int, share: np.ndarray) -> np.ndarray:
    """Split `total` in proportion to `share`, by largest remainders."""
    exact = total * share / share.sum()
    counts = np.floor(exact).astype(int)
    largest = np.argsort(counts - exact, kind="stable")[: total - counts.sum()]
    counts[largest] += 1
    return counts
