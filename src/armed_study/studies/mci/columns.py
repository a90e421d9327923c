"""What is taken from ADNIMERGE: columns with readable names, units, bounds and levels.

Names of columns, units and codes are those of the data dictionary that ADNI gives out with the
table (`ADNIMERGE_DICT`); bounds are those of the tests' own scoring. The cerebrospinal fluid
measures are Roche Elecsys values, which are text such as `>1700` outside the assay's range.
"""

from dataclasses import dataclass
from math import inf


@dataclass(frozen=True)
class Measure:
    """A number: `column` of ADNIMERGE, called `name` in the study.

    Parameters
    ----------
    low, high
        Least and greatest value that can be. A measure that cannot be negative holds ADNI's codes
        for missing, -1 and -4, as if they were values.
    range
        Ends of the assay's range; of such a measure a value may be text: `<` or `>` and an end.
    """

    name: str
    column: str
    unit: str
    low: float = 0.0
    high: float = inf
    range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Category:
    """A category: its `levels`, the reference first; `Unknown` is a missing value."""

    name: str
    column: str
    levels: tuple[str, ...]


MEASURES = (
    Measure("Years of education", "PTEDUCAT", "years", high=40),
    Measure("Age", "AGE", "years", low=30, high=110),
    Measure("CDR-SB", "CDRSB_bl", "points", high=18),
    Measure("ADAS11", "ADAS11_bl", "points", high=70),
    Measure("ADAS13", "ADAS13_bl", "points", high=85),
    Measure("ADAS Word Recognition", "ADASQ4_bl", "points", high=12),
    Measure("MMSE", "MMSE_bl", "points", high=30),
    Measure("RAVLT immediate recall", "RAVLT_immediate_bl", "words", high=75),
    Measure("RAVLT learning score", "RAVLT_learning_bl", "words", low=-15, high=15),
    Measure("RAVLT forgetting score", "RAVLT_forgetting_bl", "words", low=-15, high=15),
    Measure("RAVLT % forgetting", "RAVLT_perc_forgetting_bl", "%", low=-inf, high=100),
    Measure("Trails B score", "TRABSCOR_bl", "s"),
    Measure("Functional Activities Questionnaire", "FAQ_bl", "points", high=30),
    Measure("mPACC with Digit symbol substitution", "mPACCdigit_bl", "points", low=-inf),
    Measure("mPACC with Trails B", "mPACCtrailsB_bl", "points", low=-inf),
    Measure("Ventricular volume", "Ventricles_bl", "mm^3"),
    Measure("Hippocampal volume", "Hippocampus_bl", "mm^3"),
    Measure("Whole brain volume", "WholeBrain_bl", "mm^3"),
    Measure("Entorhinal volume", "Entorhinal_bl", "mm^3"),
    Measure("Fusiform volume", "Fusiform_bl", "mm^3"),
    Measure("Mid temporal volume", "MidTemp_bl", "mm^3"),
    Measure("Intracranial volume", "ICV_bl", "mm^3"),
    Measure("PET FDG", "FDG_bl", "SUVR"),
    Measure("CSF phosphorylated tau", "PTAU_bl", "pg/mL", range=(8, 120)),
    Measure("CSF tau", "TAU_bl", "pg/mL", range=(80, 1300)),
    Measure("CSF beta-amyloid", "ABETA_bl", "pg/mL", range=(200, 1700)),
)

CATEGORIES = (
    Category("APOE4", "APOE4", ("0", "1", "2")),
    Category("Sex", "PTGENDER", ("Male", "Female")),
    Category("Ethnicity", "PTETHCAT", ("Not Hisp/Latino", "Hisp/Latino")),
    Category("Race", "PTRACCAT", (
        "White", "Black", "Asian", "Am Indian/Alaskan", "Hawaiian/Other PI", "More than one",
    )),
    Category("Marital status", "PTMARRY", ("Married", "Divorced", "Never married", "Widowed")),
)  # fmt: skip

MISSING_CODES = (-1, -4)
UNKNOWN = ("Unknown", "-1", "-4")

BASELINE_GROUPS = ("CN", "SMC", "EMCI", "LMCI", "AD")
MCI_GROUPS = ("EMCI", "LMCI")
DEMENTIA = "Dementia"
# Diagnosis at a visit. Early releases wrote NL for CN, and a change as `MCI to Dementia`.
DIAGNOSES = {"CN": "CN", "NL": "CN", "MCI": "MCI", DEMENTIA: DEMENTIA, "AD": DEMENTIA}

MONTHS = ("Month", "M")  # months since baseline under either name, the first one first
IDENTIFIERS = ("RID", "SITE", "VISCODE", "DX_bl", "DX")
MEASURED = tuple(item.column for item in (*MEASURES, *CATEGORIES))
READABLE = {item.column: item.name for item in (*MEASURES, *CATEGORIES)}
