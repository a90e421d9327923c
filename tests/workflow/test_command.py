"""`armed run` plans the study of a table that `armed init` described, wherever that lies."""

import shutil

import yaml

from running import TINY_TABLE, jobs, python

INIT = ("init", "tiny.csv", "--outcome", "cured", "--cluster", "clinic")
COMMAND = ("-m", "armed_study.command.main")


def test_described_table_is_planned_whole_beside_its_configuration(tmp_path):
    shutil.copy(TINY_TABLE, tmp_path)
    source = str(TINY_TABLE.parents[1] / "src")
    python(*COMMAND, *INIT, cwd=tmp_path, paths=source)
    planned = jobs(
        python(*COMMAND, "run", "tiny.yaml", "--cores", "1", "-n", cwd=tmp_path, paths=source)
    )
    models = yaml.safe_load((tmp_path / "tiny.yaml").read_text("utf-8"))["studies"]["tiny"][
        "models"
    ]
    assert planned["train_model"] == len(models) - 1  # one is made from another's predictions
    assert {"write_paper", "write_tables", "prepare_dataset"} <= set(planned)
    assert {path.name for path in tmp_path.iterdir()} == {".snakemake", "tiny.csv", "tiny.yaml"}
