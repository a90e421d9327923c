"""Simulated ADNIMERGE: participants in the layout of the real file, and their truth.

About 1,700 people of all diagnostic groups at 60 sites. What is dealt, so that it holds for every
seed: how many labelled people with mild cognitive impairment (MCI) a rank of site has; the moments
of their latents; that the number of converters is the expected one. What is drawn: everything else.

Sites differ in two ways. Their effects on conversion (`conversion`) are the random effects
that a mixed model looks for; their shifts of the measures (`measures`, column site_sd) are what a
harmonisation would look for.

Parameters come from published descriptives and univariate models and were fixed before any model
was trained; nothing was tuned to a method. Two things are by construction unlike ADNI: a measure
goes missing at random given the protocol, and leaving the study early depends on nothing.
"""

import numpy as np
import pandas as pd

from armed_study.simulation.adni.conversion import draw_site_effects, draw_subjects
from armed_study.simulation.adni.layout import to_file
from armed_study.simulation.adni.sites import draw_sites
from armed_study.simulation.adni.subjects import MCI, draw_people
from armed_study.simulation.adni.visits import draw_visits

# First entry of every spawn key: keeps these streams apart from others made of the same seed.
_STREAM = 4003
_PARTS = ("sites", "people", "effects", "outcomes", "visits", "file")


def draw_adni(seed: int) -> dict[str, pd.DataFrame]:
    """Draw the file and the truth about it, as three tables by name.

    Returns
    -------
    ADNIMERGE.csv
        One row a visit, columns as in the real file.
    truth_subjects.csv
        Of everybody with MCI: RID; labelled (followed long enough for a label, which then is
        outcome); outcome, 1 if converting within 24 months; fixed_logit and site_logit, the parts
        of the logit of its probability; oracle, that probability; oracle_no_cluster, the
        probability without knowledge of the site's effects.
    truth_sites.csv
        SITE, quantity (``intercept``, ``slope[<feature>]``) and value, on the logit, per standard
        deviation of a feature.
    """
    rngs = {
        part: np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(_STREAM, number)))
        for number, part in enumerate(_PARTS)
    }
    sites = draw_sites(rngs["sites"])
    people = draw_people(rngs["people"], sites)
    effects = draw_site_effects(rngs["effects"], sites)
    subjects = draw_subjects(rngs["outcomes"], people[people["DX_bl"].isin(MCI)], effects)
    visits = draw_visits(
        rngs["visits"], people.merge(subjects[["RID", "outcome", "oracle"]], on="RID", how="left")
    )
    names = {c: c if c == "intercept" else f"slope[{c}]" for c in effects}
    sites_truth = effects.rename(columns=names).reset_index()
    return {
        "ADNIMERGE.csv": to_file(rngs["file"], people, visits),
        "truth_subjects.csv": subjects,
        "truth_sites.csv": sites_truth.melt("SITE", var_name="quantity", value_name="value"),
    }
