"""Distances between cells of invented latents are those that they were placed by."""

import numpy as np
import pandas as pd
import pytest

from armed_study.interpretation.latents.distances import space_cells, space_sources
from armed_study.interpretation.latents.latents import Cells
from armed_study.io.tables import cast_table


def cells(date_step, source_step, dates=3, sources=2, each=4):
    """Cells along a line: steps by date and by source, none within."""
    date, source, _ = (every.ravel() for every in np.indices((dates, sources, each)))
    latent = (date_step * date + source_step * source)[:, None].astype(float)
    return Cells(latent, np.char.add("d", date.astype(str)), np.char.add("P", source.astype(str)))


@pytest.mark.parametrize("aside", [0, 1000])
def test_distances_are_the_steps_of_cells_however_far_one_is_off(aside):
    placed = cells(date_step=2, source_step=7)
    placed.latents[0] += aside
    found = space_cells(placed).set_index("source")
    # pairs of dates are 2, 2 and 4 apart
    assert found["one_source"].to_dict() == pytest.approx({"P0": 8 / 3, "P1": 8 / 3})
    assert found["one_cluster"].to_dict() == pytest.approx({"P0": 7, "P1": 7})
    assert (found["cluster_pairs"] == 3).all()
    assert (found["source_pairs"] == 3).all()


def test_each_pair_of_dates_counts_once_however_many_cells_it_has():
    few = cells(date_step=2, source_step=7)
    more = few.clusters == "d0"
    many = Cells(*(np.concatenate([part, np.repeat(part[more], 9, axis=0)]) for part in few))
    pd.testing.assert_frame_equal(space_cells(few), space_cells(many))


def test_a_source_of_one_date_or_alone_on_it_lacks_the_distance():
    whole = cells(date_step=2, source_step=7)
    kept = ~((whole.sources == "P1") & (whole.clusters != "d0"))
    found = space_cells(Cells(*(part[kept] for part in whole))).set_index("source")
    assert np.isnan(found.loc["P1", "one_source"])
    assert found.loc["P1", "one_cluster"] == 7
    lone = whole.sources == "P0"
    assert space_cells(Cells(*(part[lone] for part in whole)))["one_cluster"].isna().all()


def test_distances_are_of_standardised_cells_and_averaged_over_seeds():
    placed = cells(date_step=2, source_step=7)
    frames = np.repeat(placed.latents, 2, axis=0)  # two frames of each cell, as far off each
    frames[::2] += 0.5
    frames[1::2] -= 0.5
    names = [f"s{n:04d}" for n in range(len(frames))]
    samples = pd.DataFrame(
        {"sample": names, "cluster": np.repeat(placed.clusters, 2), "outcome": 0.0,
         "group": np.repeat([f"c{n}" for n in range(len(placed.latents))], 2), "held_out": False}
    )  # fmt: skip
    sources = pd.Series(np.repeat(placed.sources, 2), index=names)
    about = {"study": "t", "model": "armed", "fold": 0, "assignment": "known", "sample": names}
    silent = np.tile([0.0, 1.0], len(frames) // 2)
    table = pd.concat([
        pd.DataFrame({**about, "seed": seed, "partition": partition, "latent_000": values})
        for seed, partition, values in (
            (0, "test", frames[:, 0]), (1, "test", silent), (0, "unseen", 9.0),
        )
    ])  # fmt: skip
    found = space_sources(cast_table(table, "latents"), cast_table(samples, "samples"), sources)
    checked = cast_table(found, "latent_distances").set_index("source")
    # of seed 1 all cells have the same mean, so that the mean over both seeds is half of seed 0
    assert checked["one_cluster"].to_list() == pytest.approx([7 / frames.std() / 2] * 2)
    assert checked["one_source"].to_list() == pytest.approx([8 / 3 / frames.std() / 2] * 2)
    assert checked["ratio"].to_list() == pytest.approx([8 / 3 / 7] * 2)
