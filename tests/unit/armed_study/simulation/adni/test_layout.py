"""The simulated ADNIMERGE file looks like the real one: layout, units, gaps and disorder."""

import io

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from adni_draws import PROJECT_SEED, SEEDS, drawn, labelled, people
from armed_study.io.tables import write_csv
from armed_study.report.published import published_descriptives
from armed_study.simulation.adni import draw_adni
from armed_study.simulation.adni.conversion import conversion_table
from armed_study.simulation.adni.layout import COLUMNS
from armed_study.simulation.adni.measures import (
    EMCI_LIMITS,
    LMCI_LIMITS,
    measure_table,
    recall_limit,
)

EACH_SEED = pytest.mark.parametrize("seed", SEEDS)


def file(seed: int = PROJECT_SEED) -> pd.DataFrame:
    return drawn(seed)["ADNIMERGE.csv"]


def as_bytes(tables: dict[str, pd.DataFrame]) -> list[str]:
    return [table.to_csv(index=False) for table in tables.values()]


def test_same_seed_same_bytes_however_many_threads_and_another_seed_others():
    with threadpool_limits(1):
        one = as_bytes(draw_adni(7))
    with threadpool_limits(2):
        assert as_bytes(draw_adni(7)) == one
    assert as_bytes(draw_adni(8))[0] != one[0]


def test_the_file_reads_back_as_it_was_drawn(tmp_path):
    write_csv(file(), tmp_path / "ADNIMERGE.csv")
    text = (tmp_path / "ADNIMERGE.csv").read_text(encoding="utf-8")
    assert "e+" not in text  # volumes stand in plain digits
    back = pd.read_csv(io.StringIO(text))
    for column in conversion_table()["column"]:
        ours, read = file()[column], back[column]
        if read.dtype.kind in "if":
            np.testing.assert_allclose(ours.astype(float), read, rtol=1e-5)
        else:
            assert ours.dropna().tolist() == read.dropna().tolist()


@EACH_SEED
def test_identifiers_visits_and_dates_agree(seed):
    rows = file(seed)
    assert tuple(rows) == COLUMNS
    site, roster = rows["PTID"].str.extract(r"^(\d{3})_S_(\d{4})$").astype(int).to_numpy().T
    assert (site == rows["SITE"]).all()
    assert (roster == rows["RID"]).all()
    assert (rows.groupby("RID")[["SITE", "DX_bl", "AGE"]].nunique() <= 1).all(axis=None)
    assert set(rows["VISCODE"]) == {"bl", "m06", "m12", "m18", "m24", "m36"}
    assert (rows["VISCODE"].str[1:].replace("l", "0").astype(int) == rows["Month"]).all()
    assert (rows["Month"] == rows["M"]).all()
    days = pd.to_datetime(rows["EXAMDATE"]) - pd.to_datetime(rows["EXAMDATE_bl"])
    assert (days.dt.days / 30.44 - rows["Month"]).abs().max() < 2
    assert set(rows["DX"].dropna()) == {"CN", "MCI", "Dementia"}
    assert set(rows["DX_bl"]) == {"CN", "SMC", "EMCI", "LMCI", "AD"}


@EACH_SEED
def test_the_disorder_of_real_files_is_there(seed):
    rows = file(seed)
    assert rows.duplicated().sum() == 8
    assert not rows.drop_duplicates().duplicated(["RID", "VISCODE"]).any()
    once = rows.drop_duplicates()
    assert (once.groupby("RID")["Month"].diff() < 0).sum() > 30
    assert 0.02 < rows["DX"].isna().mean() < 0.07
    followed = once[once["RID"].isin(people(seed).query("labelled == True")["RID"])]
    assert 4 < followed.groupby("RID").size().mean() < 6  # of 6 visits, or 4 in ADNI3
    assert (once.groupby("RID").size() == 1).any()


def test_codes_limits_and_unknown_answers_occur():
    rows = pd.concat([file(seed) for seed in SEEDS])
    texts = pd.concat([rows["ABETA_bl"], rows["TAU_bl"], rows["PTAU_bl"]]).dropna()
    limits = {text for text in texts if text[0] in "<>"}
    assert limits == {">1700", "<200", ">1300", "<80", ">120", "<8"}
    assert (rows[["FAQ_bl", "ADASQ4_bl"]] == -4).any().all()
    assert (rows["TRABSCOR_bl"] == -1).any()
    assert (rows[["PTETHCAT", "PTRACCAT", "PTMARRY"]] == "Unknown").any().all()
    assert rows["APOE4"].isna().any()


def test_measures_go_missing_as_often_as_in_adni():
    pooled = pd.concat([labelled(seed)[0] for seed in SEEDS])
    gaps = pooled[list(conversion_table()["column"])].isna().mean()
    csf, volumes = ["ABETA_bl", "TAU_bl", "PTAU_bl"], ["Hippocampus_bl", "Entorhinal_bl"]
    assert gaps["FDG_bl"] == pytest.approx(0.25, abs=0.03)
    assert gaps[csf].to_numpy() == pytest.approx(0.28, abs=0.03)
    assert gaps[volumes].between(0.06, 0.125).all()
    assert (gaps.drop(["FDG_bl", *csf]) < 0.13).all()
    assert (gaps[["PTEDUCAT", "MMSE_bl", "CDRSB_bl"]] == 0).all()


@EACH_SEED
def test_measures_stay_in_their_ranges_and_steps(seed):
    found = people(seed)
    for column, row in measure_table().iterrows():
        if column in conversion_table()["column"].to_list():
            values = found[column].dropna().astype(float)
            assert values.between(row["low"], row["high"]).all(), column
            parts = values * row["per_unit"]
            assert (parts - parts.round()).abs().max() < 0.011, column
    assert found["RAVLT_perc_forgetting_bl"].max() <= 100
    assert 0.3 < (found.query("labelled == True")["FAQ_bl"] == 0).mean() < 0.45
    volumes = ["Hippocampus_bl", "Fusiform_bl", "MidTemp_bl", "WholeBrain_bl", "ICV_bl"]
    assert (found[volumes].mean().diff().dropna() > 0).all()
    brains = found[["WholeBrain_bl", "ICV_bl"]].dropna()
    assert (brains["WholeBrain_bl"] < brains["ICV_bl"]).mean() > 0.995


def test_scores_that_are_made_of_others_agree_with_them():
    found = people(PROJECT_SEED)
    item = found["ADAS13_bl"] - found["ADAS11_bl"] - found["ADASQ4_bl"]
    assert item.dropna().between(-0.011, 5.011).all()
    percentage = found["RAVLT_perc_forgetting_bl"].replace(0, np.nan)
    fifth = (100 * found["RAVLT_forgetting_bl"] / percentage).dropna()
    assert (fifth - fifth.round()).abs().max() < 1e-3
    assert fifth.between(1, 15.001).all()
    mci = found[found["labelled"].notna()].dropna(subset=["LDELTOTAL_BL"])
    late = mci["LDELTOTAL_BL"] <= recall_limit(mci["PTEDUCAT"], LMCI_LIMITS)
    assert (late == (mci["DX_bl"] == "LMCI")).all()
    assert (mci["LDELTOTAL_BL"] <= recall_limit(mci["PTEDUCAT"], EMCI_LIMITS)).all()


@pytest.mark.parametrize(
    ("one", "other", "low", "high"),
    [
        ("MMSE_bl", "ADAS11_bl", -0.82, -0.6),
        ("Hippocampus_bl", "AGE", -0.48, -0.3),
        ("ADAS11_bl", "ADAS13_bl", 0.95, 0.99),
        ("mPACCdigit_bl", "mPACCtrailsB_bl", 0.94, 0.995),
        ("TAU_bl", "PTAU_bl", 0.95, 0.99),
        ("ABETA_bl", "TAU_bl", -0.55, -0.3),
        ("ABETA_bl", "APOE4", -0.5, -0.3),
        ("WholeBrain_bl", "ICV_bl", 0.5, 0.8),
        ("CDRSB_bl", "FAQ_bl", 0.6, 0.9),
        ("PTEDUCAT", "AGE", -0.15, 0.1),
    ],
)
def test_measures_go_together_as_in_adni(one, other, low, high):
    pair = people(PROJECT_SEED)[[one, other]].astype(float)
    assert low < pair[one].corr(pair[other]) < high


def test_groups_have_the_published_means():
    found = pd.concat([people(seed) for seed in SEEDS])
    table = published_descriptives()
    assert set(table["group"]) == set(found["DX_bl"])
    for row in table.itertuples():
        values = found.loc[found["DX_bl"] == row.group, row.measure].astype(float)
        near = 0.5 if row.group == "SMC" else 0.3  # SMC is made as CN, only younger
        assert abs(values.mean() - row.mean) < near * row.sd, row
        assert 0.7 < values.std() / row.sd < 1.35, row


def test_sites_differ_in_prevalence_and_in_what_their_instruments_show():
    found = pd.concat(labelled(PROJECT_SEED))
    by_site = found.groupby("SITE")
    large = by_site.size() >= 14
    rates = by_site["outcome"].mean()[large]
    chance = np.sqrt(0.27 * 0.73 / by_site.size()[large].mean())
    assert rates.std() > 1.1 * chance
    shown = by_site["Fusiform_bl"].mean()[large].std() / found["Fusiform_bl"].std()
    assert 0.22 < shown < 0.6
