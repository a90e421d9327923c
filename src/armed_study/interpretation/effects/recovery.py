"""How well learned random effects agree with what they should be."""

import numpy as np
import pandas as pd

from armed_study.statistics.intervals import pearson
from armed_study.vocabulary.formatting import interval_text
from armed_study.vocabulary.labels import order_models

COLUMNS = ("model", "comparison", "r", "r_low", "r_high", "p", "items")
"""Columns of the table that readers get."""
_LINE = ("slope", "start")
_AGAINST = {
    "slope_sd": "slope s.d. and that of univariate mixed models",
    "relative_risk_sd": "slope s.d. and that of the relative risk",
    "conversion_rate": "intercept and share of outcome 1",
    "true_intercept": "intercept and the true one",
    "true_slope_sd": "slope s.d. and the true one",
}


def order_comparisons(comparisons: pd.DataFrame) -> pd.DataFrame:
    """Order comparisons (table `effect_validation`) by kind, model and reference, complete ones only."""
    frame = comparisons.astype(dict.fromkeys(("model", "comparison", "item"), str))
    frame = frame[frame["learned"].notna() & frame["reference"].notna()]
    comparison = frame["comparison"].map(_order(frame["comparison"]).index)
    model = frame["model"].map(order_models(frame["model"]).index)
    order = frame.assign(_comparison=comparison, _model=model)
    order = order.sort_values(["_comparison", "_model", "reference", "item"], kind="stable")
    return order.reset_index(drop=True)[list(comparisons)]


def recovery(table: pd.DataFrame) -> pd.DataFrame:
    """Correlate learned and reference over the items of each comparison and model.

    Returns
    -------
    pd.DataFrame
        Pearson's `r`, its 95 % interval by Fisher's z (4 items or more), and the two-sided `p` (3 or
        more), not corrected for their number; missing where one of the two does not vary. `slope` and
        `start` are those of the line of least squares through 3 items or more.
    """
    rows = []
    for comparison in _order(table["comparison"]):
        for model in order_models(table["model"]):
            part = table[(table["comparison"] == comparison) & (table["model"] == model)]
            if len(part):
                found = pearson(part["learned"], part["reference"])
                rows.append((model, comparison, *found, len(part), *_line(part)))
    return pd.DataFrame(rows, columns=[*COLUMNS, *_LINE])


def readable(correlations: pd.DataFrame) -> pd.DataFrame:
    """Give the correlations in words, with their intervals as text."""
    rows = correlations[["r", "r_low", "r_high"]].itertuples(index=False)
    return pd.DataFrame(
        {
            "of learned": correlations["comparison"].replace(_AGAINST),
            "model": correlations["model"],
            "correlation r (interval)": [interval_text(*row) for row in rows],
            "p": correlations["p"],
            "items": correlations["items"],
        }
    )


def _line(rows: pd.DataFrame) -> tuple[float, float]:
    x, y = rows["reference"].to_numpy(float), rows["learned"].to_numpy(float)
    if len(x) < 3 or not np.ptp(x) > 0:
        return np.nan, np.nan
    slope, start = np.polyfit(x, y, 1)
    return float(slope), float(start)


def _order(comparisons: pd.Series) -> list[str]:
    known, names = list(_AGAINST), set(comparisons.astype(str))
    return [*(name for name in known if name in names), *sorted(names - set(known))]
