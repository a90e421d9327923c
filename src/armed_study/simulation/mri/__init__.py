"""Simulated MRI in the manner of ADNI: T1-weighted images as a BIDS tree, and their truth.

Who is how ill, where, is drawn in `participants`: among the seen sites those with GE scanners have
mostly AD; among the others diagnosis tells nothing of manufacturer. A scan is a template deformed
at random (`anatomy`, `subject`), changed by `disease`, as the `scanners` of a site show it (`scan`).

Everything was fixed before any model was trained; nothing was tuned to a method. By construction unlike
ADNI: one template is behind all brains; severity is one number; age and sex tell nothing of diagnosis;
and what a network can read from a slice is less than the severity that the oracle knows, because
a subject's own deformation also makes hippocampi larger or smaller.
"""

from dataclasses import asdict

import pandas as pd

from armed_study.simulation.dealing import cluster_truth
from armed_study.simulation.mri.names import MriSettings, scan_names, site_names
from armed_study.simulation.mri.participants import participants, scan_truth, shares_of_cases, sites
from armed_study.simulation.mri.scan import DiseaseMap, disease_map
from armed_study.simulation.mri.scanners import site_scanner
from armed_study.simulation.mri.subject import carry, pose
from armed_study.simulation.mri.tree import write_tree

__all__ = [
    "DiseaseMap", "MriSettings", "carry", "disease_map", "participants", "pose", "scan_names",
    "sites", "truth", "write_tree",
]  # fmt: skip


def truth(settings: MriSettings, seed: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what is true of the scans and of the sites.

    Returns
    -------
    scans : DataFrame
        sample (``sub-XXXX_ses-YY``), participant_id, session, site, outcome (1 for AD), severity,
        oracle, oracle_no_cluster.
    sites : DataFrame
        cluster, quantity, value; quantities prevalence, intercept (its logit less that of all
        subjects) and ``scanner[<parameter>]`` for those of `scanners.Scanner`.
    """
    scanners = {site: asdict(site_scanner(settings, seed, site)) for site in site_names(settings)}
    share, overall = shares_of_cases(settings, seed)
    return scan_truth(settings, seed), cluster_truth(share, overall, "scanner", scanners)
