"""Where the disease shows in the images of generated scans."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from tqdm import tqdm

from armed_study.io.image_arrays import write_images
from armed_study.simulation.mri import MriSettings, disease_map
from armed_study.studies.ad_mri.preprocessing.slicing import make_companion
from armed_study.studies.ad_mri.scans.volumes import Volume


def write_disease_maps(
    path: str | Path,
    samples: pd.DataFrame,
    qc: pd.DataFrame,
    wanted: pd.Series,
    *,
    data: Mapping[str, Any],
    seed: int,
) -> None:
    """Write the true map of the disease of some samples, pixel by pixel that of their images.

    A generated scan's map, `armed_study.simulation.mri.scan.DiseaseMap.change`, is made again from the
    seed and cut as the scan was when its image was made, which table ``qc`` tells.

    Parameters
    ----------
    path
        Written: float32 (samples, 1, size, size), 0 to 1, in the order of the samples; NaN for those
        that are not wanted.
    samples, qc
        Tables of the study.
    wanted
        Names of samples.
    data
        The study's ``data`` block.
    seed
        That of the configuration, by which the scans were generated.
    """
    settings = MriSettings.from_config(data["generated"], where="data.generated")
    size, names = data["images"]["size"], set(wanted.astype(str))
    rows = qc.astype({"sample": str}).set_index("sample")

    def maps() -> Iterator[np.ndarray]:
        for name in tqdm(samples["sample"].astype(str), desc="disease maps", unit="map"):
            if name in names:
                found = disease_map(settings, seed, name)
                volume = Volume(found.change, found.affine)
                yield make_companion(volume, rows.loc[name], size)[None]
            else:
                yield np.full((1, size, size), np.nan, dtype=np.float32)

    write_images(path, maps(), count=len(samples), shape=(1, size, size), dtype="float32")
