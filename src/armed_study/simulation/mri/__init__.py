"""Simulated MRI in the manner of ADNI: T1-weighted images as a BIDS tree, and their truth.

The distribution, in the order of its parts:

- `participants`: sites, manufacturers, diagnoses, severities; the true scores. Among the seen sites
  those with GE scanners have mostly AD; among the others diagnosis tells nothing of manufacturer.
- `anatomy`, `disease`, `subject`: a template, deformed at random per subject; disease and age as
  known changes of it; the pose in the scanner.
- `scanners`: what manufacturer, site and session do to an image.
- `scan`, `tree`: one volume in memory; all as files. `names`: their names, by arithmetic.

Everything was fixed before any model was trained; nothing was tuned to a method. By construction unlike
ADNI: one template is behind all brains; severity is one number; age and sex tell nothing of diagnosis;
and what a network can read from a slice is less than the severity that the oracle knows, because
a subject's own deformation also makes hippocampi larger or smaller.
"""

import pandas as pd

from armed_study.simulation.mri.names import MriSettings, scan_names, site_names
from armed_study.simulation.mri.participants import participants, scan_truth, site_intercepts, sites
from armed_study.simulation.mri.scan import DiseaseMap, disease_map
from armed_study.simulation.mri.scanners import levels, site_scanner
from armed_study.simulation.mri.subject import carry, pose
from armed_study.simulation.mri.tree import write_scans, write_tables, write_tree

__all__ = [
    "DiseaseMap",
    "MriSettings",
    "carry",
    "disease_map",
    "participants",
    "pose",
    "scan_names",
    "sites",
    "truth",
    "write_scans",
    "write_tables",
    "write_tree",
]


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
    rows = [
        (site, f"scanner[{name}]", value)
        for site in site_names(settings)
        for name, value in levels(site_scanner(settings, seed, site)).items()
    ]
    scanners = pd.DataFrame(rows, columns=["cluster", "quantity", "value"])
    both = pd.concat([site_intercepts(settings, seed), scanners], ignore_index=True)
    return scan_truth(settings, seed), both
