"""Single jobs, on inputs that are kept, give the outputs that are kept.

The jobs are those of ``snakemake --generate-unit-tests``, for a few rules. Numbers are compared with a
tolerance, not bytes as the generated tests do it, so that other machines and libraries pass. Data are
generated; `renew.py` says how they are made again.
"""

import shutil

import numpy as np
import pandas as pd
import pytest
from tests.rules.renew import CONFIG, KEPT, RULES

from running import succeed

READ = {
    ".csv": pd.read_csv,
    ".npy": lambda path: pd.DataFrame(np.load(path).reshape(-1, 1)),
    ".parquet": pd.read_parquet,
}


def files(folder):
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.suffix in READ)


def assert_close(found, expected, name):
    """Two tables are the same, their numbers to five digits."""
    assert list(found.columns) == list(expected.columns), name
    assert len(found) == len(expected), name
    for column in expected:
        ours, theirs = found[column], expected[column]
        if pd.api.types.is_float_dtype(theirs):
            np.testing.assert_allclose(ours, theirs, 1e-5, 1e-8, err_msg=f"{name}: {column}")
        else:
            assert ours.astype(str).tolist() == theirs.astype(str).tolist(), f"{name}: {column}"


@pytest.mark.slow
@pytest.mark.parametrize("rule", RULES)
def test_job_makes_of_kept_inputs_the_kept_outputs(tmp_path, rule):
    if (given := KEPT / rule / "data").exists():  # git keeps no empty folder
        shutil.copytree(given, tmp_path, dirs_exist_ok=True)
    expected = KEPT / rule / "expected"
    only = ("--cores", "1", "--allowed-rules", rule, "--force")
    succeed(*only, "--", *files(expected), cwd=tmp_path, configs=[CONFIG])
    for name in files(expected):
        read = READ[(expected / name).suffix]
        assert_close(read(tmp_path / name), read(expected / name), name)


def test_kept_data_are_small():
    sizes = [path.stat().st_size for path in KEPT.rglob("*") if path.is_file()]
    assert len(sizes) > 20
    assert sum(sizes) < 500_000
