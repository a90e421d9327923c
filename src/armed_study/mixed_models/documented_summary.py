"""What fits of documented models come to: shares, a page, and the sentences at its head."""

import pandas as pd

TOLERANCE = {"gaussian": 0.05, "bernoulli": 0.15, "poisson": 0.15}
"""Relative difference of a variance from lme4's up to which the two are called the same."""
NEGLIGIBLE = 0.02
"""Relative difference that asks for no second opinion."""
ICC_TOLERANCE = 0.02
_OUTCOMES = {"continuous": ("gaussian",), "binary or count": ("bernoulli", "poisson")}


def documented_shares(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by kind of outcome, how far variances and intraclass correlations are from lme4's.

    Parameters
    ----------
    table
        `documented_effects`.
    """
    rows = []
    for outcome, families in _OUTCOMES.items():
        part = table[table["family"].isin(families)]
        if len(part):
            rows.append({"outcome": outcome, "variances": len(part), **_shares(part)})
    return pd.DataFrame(rows)


def _shares(part: pd.DataFrame) -> dict[str, object]:
    distance = part["difference"].abs()
    tolerance = TOLERANCE[str(part["family"].iloc[0])]
    # Laplace's approximation is no truth to be near to where quadrature says otherwise.
    nearer = (part["variance"] - part["quadrature"]).abs() < (
        part["lme4_variance"] - part["quadrature"]
    ).abs()
    near = (part["icc"] - part["lme4_icc"]).abs() <= ICC_TOLERANCE
    return {
        "median relative difference": distance.median(),
        "largest": distance.max(),
        "up to": tolerance,
        "share within": (distance <= tolerance).mean(),
        "or nearer to quadrature": ((distance <= tolerance) | nearer).mean(),
        "share of ICC within 0.02": near.mean(),
    }


def documented_caption(table: pd.DataFrame) -> str:
    """Say in sentences what the fits of documented models come to, and which variances are others."""
    if table.empty:
        return "No documented model has so few rows."
    parts = [_sentence(row) for row in documented_shares(table).to_dict("records")]
    others = table[table["reason"].astype(str) != ""].to_dict("records")
    named = [
        f"{row['item']} ({row['variance'] / row['lme4_variance']:.2g} times lme4's: {row['reason']})"
        for row in others
    ]
    what = f"Variances that differ by more than {_percent(NEGLIGIBLE)} from lme4's"
    parts.append(f"{what}: {', '.join(named) or 'none'}.")
    return " ".join(parts)


def _sentence(row: dict) -> str:
    """Say what a row of `documented_shares` holds."""
    shares = {name: _percent(value) for name, value in row.items() if isinstance(value, float)}
    return (
        f"Of {row['variances']} variances of {row['outcome']} outcomes the median relative difference from "
        f"lme4's is {shares['median relative difference']}; {shares['share within']} are within "
        f"{shares['up to']}, {shares['or nearer to quadrature']} within it or nearer to quadrature than "
        f"lme4's; {shares['share of ICC within 0.02']} of the intraclass correlations are within 0.02."
    )


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %" if share == 0 or share >= 0.001 else "less than 0.1 %"


def documented_page(effects: pd.DataFrame, parts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    """Tables of the page of documented models by heading; without those that have no row."""
    tables = {
        "How near to lme4": documented_shares(effects),
        "Other variances than lme4's": effects[effects["reason"].astype(str) != ""],
        "A network as fixed part": parts,
        "All variances": effects,
    }
    return {heading: table for heading, table in tables.items() if len(table)}
