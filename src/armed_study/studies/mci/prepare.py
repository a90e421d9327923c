"""Study kind `mci`: conversion from mild cognitive impairment to dementia within 24 months.

Samples are the labelled participants of an ADNIMERGE table, clusters are their sites. The table is
the user's, or generated in the same layout with its truth; both are read by the same code.
"""

import warnings
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from armed.errors import ArmedWarning, DataError
from armed_study.data.dataset import ClusteredDataset, Feature, Prepared
from armed_study.messages import counted, listing
from armed_study.splits.unseen_clusters import unseen_clusters
from armed_study.studies.mci import GENERATED, RAW, TABLE
from armed_study.studies.mci.columns import CATEGORIES, MEASURES, READABLE
from armed_study.studies.mci.labelling import label_subjects
from armed_study.studies.mci.probes import PROBES, probe_noise
from armed_study.studies.mci.reading import read_adnimerge, read_site_truth, read_subject_truth

SEEN, UNSEEN = "seen sites", "unseen sites"
_NAME = "{:04d}"
OUTCOMES = {0.0: "MCI stable", 1.0: "MCI progressive"}


def simulate(settings: Mapping[str, Any], seed: int) -> dict[str, pd.DataFrame]:
    """Draw the raw tables named in `RAW`; the same seed gives the same tables."""
    from armed_study.simulation.adni import draw_adni

    return draw_adni(seed)


def prepare(study: str, settings: Mapping[str, Any], raw: Mapping[str, Path]) -> Prepared:
    """Make the data set out of an ADNIMERGE table.

    Parameters
    ----------
    study
        Name of the study, for messages.
    settings
        As `armed_study.studies.mci.data_settings` gives them: source (`generated` or a path), probes
        (0 or 1), moved_subjects (`error` or `baseline`), permute_outcome (which takes the truth of each
        outcome along, and leaves that of sites), protocol of the labels, seen_sites (how many of the
        largest sites are seen; None: all) and seed (of the probes' noise and the permutation).
    raw
        Raw files by name: those of `RAW`, or the user's table under its own name.

    Raises
    ------
    ConfigError, DataError
        A table of which no study can be made.
    """
    generated = settings["source"] == GENERATED
    table = raw[TABLE] if generated else next(iter(raw.values()))
    visits = read_adnimerge(table, moved_subjects=settings.get("moved_subjects", "error"))
    labelled, flow = label_subjects(visits, settings.get("protocol", "proposed"))
    _check_outcomes(labelled, flow, study, table)
    owner = labelled["RID"]
    if settings.get("permute_outcome"):
        labelled, owner = _permuted(labelled, settings["seed"])
    samples = _samples(labelled)
    seen = _seen_sites(samples, settings.get("seen_sites"), study)
    if settings.get("probes"):
        samples = samples.join(probe_noise(samples.index, settings["seed"]))
    samples, features = _with_features(samples, seen, study)
    dataset = ClusteredDataset(study, samples, features, _origin(settings, table), generated)
    at = samples["cluster"].isin(seen)
    rows = [(3, SEEN, "", int(at.sum())), (4, UNSEEN, "", int((~at).sum()))]
    flow = pd.concat([flow, pd.DataFrame(rows, columns=list(flow))], ignore_index=True)
    tables = {"flow": flow, "descriptives": _describe(visits, labelled)}
    if generated:
        owners = owner.map(_NAME.format)
        truth = read_subject_truth(raw[RAW[1]], owners).set_index("sample").reindex(owners)
        tables["truth"] = truth.set_axis(samples["sample"]).reset_index()
        tables["cluster_truth"] = read_site_truth(raw[RAW[2]], samples["cluster"])
    return Prepared(dataset, **tables)


def _origin(settings: Mapping[str, Any], table: Path) -> str:
    """Return where the data are from, and whether outcomes are permuted."""
    if settings["source"] == GENERATED:
        kind, found = "generated:", "participants, visits and measures in the layout of ADNIMERGE"
    else:
        kind, found = "real data:", f"the user's ADNIMERGE table {table.name}"
    return f"{'permuted outcomes of' if settings.get('permute_outcome') else kind} {found}"


def _permuted(labelled: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Deal the outcomes out at random; also return whose outcome each subject has now."""
    order = np.random.default_rng(seed).permutation(len(labelled))
    dealt = labelled["outcome"].to_numpy()[order]
    return labelled.assign(outcome=dealt), labelled["RID"].iloc[order]


def _samples(labelled: pd.DataFrame) -> pd.DataFrame:
    """Return table `samples`; a site of one subject cannot be trained and tested on, so is unseen."""
    frame = pd.DataFrame(
        {
            "sample": labelled["RID"].map(_NAME.format),
            "cluster": labelled["SITE"].astype(str),
            "group": pd.Series(None, index=labelled.index, dtype=object),
            "outcome": labelled["outcome"].astype("float32"),
        }
    )
    frame["held_out"] = frame.groupby("cluster")["sample"].transform("size") < 2
    return frame.join(labelled[list(READABLE)].rename(columns=READABLE))


def _seen_sites(samples: pd.DataFrame, count: int | None, study: str) -> set[str]:
    every = samples["cluster"].nunique()
    enough = set(samples.loc[~samples["held_out"], "cluster"])
    if len(enough) < (least := max(count or 0, 2)):
        raise DataError(
            f"study '{study}': {len(enough)} of {counted(every, 'site')} with at least 2 labelled "
            f"subjects, expected at least {least} to be seen; lower splits.unseen.count if it is "
            "above 2, or check columns SITE, DX_bl and DX"
        )
    scheme = {"scheme": "seen_largest", "count": count}
    return enough - unseen_clusters(samples, scheme, study) if count else enough


def _check_outcomes(labelled: pd.DataFrame, flow: pd.DataFrame, study: str, table: Path) -> None:
    if labelled.empty:
        lost = flow[(flow["reason"] != "") & (flow["count"] > 0)]
        why = ", ".join(lost["count"].astype(str) + " " + lost["reason"])
        raise DataError(
            f"study '{study}': {table} has no participant who can be labelled ({why}), expected "
            "some with MCI at baseline and diagnoses over 24 months; check columns DX_bl and DX"
        )
    if labelled["outcome"].nunique() == 1:
        kind = "progressive" if labelled["outcome"].iloc[0] else "stable"
        raise DataError(
            f"study '{study}': all {counted(len(labelled), 'labelled subject')} in {table} are "
            f"{kind}, expected both outcomes; check column DX, which should hold Dementia at some "
            "visits up to month 24"
        )


def _with_features(
    samples: pd.DataFrame, seen: Collection[str], study: str
) -> tuple[pd.DataFrame, tuple[Feature, ...]]:
    """Return the samples with what the seen sites tell of, and what the feature columns are.

    A level that no seen subject has is missing elsewhere: nothing can be learned of it. A feature
    that does not vary among seen subjects is left out, with an `ArmedWarning`.
    """
    trained = samples[samples["cluster"].isin(seen)]
    features = [Feature(m.name, "continuous") for m in MEASURES]
    for item in CATEGORIES:
        levels = tuple(level for level in item.levels if (trained[item.name] == level).any())
        known = samples[item.name].isin(levels)
        strange = samples.loc[~known, item.name].dropna()
        if len(strange):
            _warn(
                f"study '{study}': feature '{item.name}' has level "
                f"{listing(sorted(strange.unique()))} in {counted(len(strange), 'subject')} of "
                "unseen sites but in none of seen ones, expected it there too; it counts as missing"
            )
        samples = samples.assign(**{item.name: samples[item.name].where(known, None)})
        features.append(Feature(item.name, "categorical", levels=levels))
    features += [probe for probe in PROBES if probe.name in samples]
    flat = [f.name for f in features if trained[f.name].nunique() < 2]
    if flat:
        _warn(
            f"study '{study}': feature {listing(flat)} is constant or missing in all subjects of "
            "the seen sites, expected values that vary; it is left out"
        )
    kept = tuple(f for f in features if f.name not in flat)
    return samples.drop(columns=flat), kept


def _warn(sentence: str) -> None:
    warnings.warn(sentence, ArmedWarning, stacklevel=4)


def _describe(visits: pd.DataFrame, labelled: pd.DataFrame) -> pd.DataFrame:
    """Return table `descriptives`: what participants are like at baseline, as cohorts are described.

    Groups are `DX_bl` of all participants, then the outcomes of those labelled; a measure is a column
    of the file, or ``column: level``, whose s.d. is that of being it or not.
    """
    subjects = visits.groupby("RID")[["DX_bl", *READABLE]].first()
    people = (subjects, subjects["DX_bl"]), (labelled, labelled["outcome"].map(OUTCOMES))
    long = pd.concat([_long(*these) for these in people], ignore_index=True)
    found = long.groupby(["group", "measure"], sort=False)["value"]
    return found.agg(count="count", mean="mean", sd="std").reset_index()


def _long(people: pd.DataFrame, group: pd.Series) -> pd.DataFrame:
    """One row for each known value: group, measure, value; levels as 0 and 1."""
    columns = {m.column: people[m.column] for m in MEASURES}
    for item in CATEGORIES:
        own = people[item.column]
        for level in item.levels:
            columns[f"{item.column}: {level}"] = (own == level).astype(float).where(own.notna())
    return pd.DataFrame(columns).assign(group=group).melt("group", var_name="measure").dropna()
