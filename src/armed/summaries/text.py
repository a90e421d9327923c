"""A fitted model as text, laid out as lme4 prints it."""

from collections.abc import Sequence

from armed.errors import ConfigError
from armed.summaries.components import variance_components
from armed.summaries.fitted import FittedModel
from armed.summaries.shares import variance_shares


def summary(fitted: FittedModel, *, level: float = 0.95) -> str:
    """Return variances, their intervals and shares, and in words whether one is at 0."""
    table = variance_components(fitted, level=level)
    lines = [("Groups", "Name", "Variance", "Std.Dev.", f"{100 * level:g} % interval")]
    zero = []
    for group, term, estimate, _, low, high, singular in zip(*table.values(), strict=True):
        kind, _, name = term.partition("__")
        shown = {"cor": f"Corr {name}"}.get(kind, name if group != "Residual" else "")
        variance = f"{estimate**2:.4g}" if kind == "sd" else ""
        interval = f"{low:.4g} to {high:.4g}" if low == low else ""
        lines.append((group, shown, variance, f"{estimate:.4g}", interval))
        zero += [name] if singular else []
    counts = ", ".join(
        f"{term.name}, {int(term.present(fitted.model.weight).sum())}"
        for term in fitted.model.terms
    )
    said = [
        "Random effects:",
        *_aligned(lines),
        f"Number of samples: {int((fitted.model.weight > 0).sum())}, groups: {counts}",
        *_shares(fitted),
    ]
    if zero:
        said.append(
            f"Boundary (singular) fit: the data do not tell the variance of {', '.join(zero)} from 0."
        )
    return "\n".join(said)


def _shares(fitted: FittedModel) -> list[str]:
    """Intraclass correlation and R2, where the outcome has them."""
    try:
        found = variance_shares(fitted)
    except ConfigError:
        return []
    names = {"ICC_adjusted": "ICC", "R2_marginal": "R2 marginal", "R2_conditional": "conditional"}
    return [", ".join(f"{label} {found[name]:.3f}" for name, label in names.items())]


def _aligned(lines: Sequence[tuple[str, ...]]) -> list[str]:
    """Columns of the same width each."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return [
        " "
        + "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    ]
