"""Numbers and their intervals as readers see them, alike in tables and figures."""

import pandas as pd

MINUS, NONE = "−", "–"


def interval_text(value: float, low: float, high: float) -> str:
    """Write a number with its interval, if there is one: ``0.788 (0.780 to 0.796)``."""
    if pd.isna(low) or pd.isna(high):
        return number_text(value)
    return f"{number_text(value)} ({number_text(low)} to {number_text(high)})"


def number_text(value: float) -> str:
    """Write a number with three digits: 0.788, 12.3, 1,234, 2.1e−05; a missing one is a dash."""
    if pd.isna(value):
        return NONE
    size = abs(value)
    if isinstance(value, int) or (size >= 1000 and size < 1e9) or size == 0:
        text = f"{value:,.0f}"
    elif size < 1e-3 or size >= 1e9:
        text = f"{value:.1e}"
    else:
        text = f"{value:.{3 if size < 1 else 2 if size < 10 else 1 if size < 100 else 0}f}"
    return text.replace("-", MINUS)
