"""One mixed model a feature: the classical answer to what a network's random slopes should be."""

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed_study.data.dataset import ClusteredDataset
from armed_study.io.schemas import TABLES
from armed_study.statistics.intervals import normal_interval, pearson
from armed_study.statistics.mixed_logistic import fit_mixed_logistic

_ESTIMATED = ("coefficient", "standard_error", "slope_sd", "intercept_sd")
WITHIN = 2.0  # published standard errors
_NORMAL = normal_interval(0.0, 1.0)[1]


def seen_samples(dataset: ClusteredDataset, splits: pd.DataFrame) -> pd.DataFrame:
    """Samples of the clusters that are seen in the first fold, whatever part they are in there."""
    first = splits[splits["fold"] == splits["fold"].min()]
    seen = first.loc[first["partition"].astype(str) != "unseen", "sample"].astype(str)
    return dataset.samples[dataset.samples["sample"].astype(str).isin(set(seen))]


def univariate_models(dataset: ClusteredDataset, splits: pd.DataFrame) -> pd.DataFrame:
    """Fit a logistic mixed model for each continuous feature alone, on the seen clusters.

    ``P(y = 1) = sigmoid(b_0 + u_z + (b + v_z) x)`` with ``x`` standardised over the samples that
    have it, which alone are used; ``u`` and ``v`` independent normal.

    Returns
    -------
    DataFrame
        feature; coefficient ``b`` and its standard_error, per s.d. of the feature; slope_sd, the
        s.d. of ``v``; intercept_sd, that of ``u``; samples, their number.

    Raises
    ------
    TrainingError
        A likelihood that is not finite.
    """
    samples = seen_samples(dataset, splits)
    wanted = [f.name for f in dataset.features if f.kind == "continuous" and not f.probe]
    rows = [
        {"feature": name, **_fit(samples, name, f"study '{dataset.name}'")}
        for name in tqdm(wanted, desc="fitting", unit="feature")
    ]
    return pd.DataFrame(rows, columns=TABLES["univariate"].names)


def compare_univariate(univariate: pd.DataFrame, published: pd.DataFrame) -> pd.DataFrame:
    """Set coefficients and slope s.d. next to the published ones, by published coefficient.

    Parameters
    ----------
    univariate
        feature, coefficient, standard_error, slope_sd, intercept_sd, samples.
    published
        feature, coefficient, standard_error, random_slope_sd.

    Returns
    -------
    pd.DataFrame
        Features that both have. Intervals are 95 %, normal; `deviation` is our coefficient less the
        published one in published standard errors, `within` whether it is at most 2; `slope_r` is
        Pearson's r of our and the published slope s.d. over features.
    """
    theirs = published.rename(columns={"random_slope_sd": "slope_sd"}).set_index("feature")
    theirs = theirs[["coefficient", "standard_error", "slope_sd"]].add_prefix("published_")
    result = univariate.astype({"feature": str}).join(theirs, on="feature", how="inner")
    for name in ("", "published_"):
        half = _NORMAL * result[f"{name}standard_error"]
        result[f"{name}low"] = result[f"{name}coefficient"] - half
        result[f"{name}high"] = result[f"{name}coefficient"] + half
    difference = result["coefficient"] - result["published_coefficient"]
    result["deviation"] = difference / result["published_standard_error"]
    result["within"] = result["deviation"].abs() <= WITHIN
    both = result[["slope_sd", "published_slope_sd"]].dropna().to_numpy()
    result["slope_r"] = pearson(both[:, 0], both[:, 1]).r
    order = result.sort_values("published_coefficient", ascending=False, kind="stable")
    return order.reset_index(drop=True)[TABLES["compared_univariate"].names]


def _fit(samples: pd.DataFrame, feature: str, what: str) -> dict[str, float]:
    complete = samples[samples[feature].notna()]
    x = complete[feature].to_numpy(float)
    y = complete["outcome"].to_numpy(float)
    if len(x) < 3 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return {**dict.fromkeys(_ESTIMATED, np.nan), "samples": len(x)}
    x = (x - x.mean()) / x.std()
    z = pd.factorize(complete["cluster"].astype(str), sort=True)[0]
    model = fit_mixed_logistic(
        y, np.column_stack([np.ones(len(x)), x]), z, what=f"{what}, feature '{feature}'", slope=x
    )
    (_, b), (_, error) = model.get_coef(std_err=True).to_numpy()
    intercept, slope = np.sqrt(model.get_cov_pars(format_pandas=False))
    found = dict(zip(_ESTIMATED, (b, error, slope, intercept), strict=True))
    return {**found, "samples": len(x)}
