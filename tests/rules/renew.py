"""Make `kept/` again: inputs and outputs of single jobs, as ``snakemake --generate-unit-tests`` picks them.

    PYTHONPATH=tests/support .venv/bin/python tests/rules/renew.py

after a change of what a rule is to write; ``git diff --stat`` then tells which rules that are.
"""

import shutil
import tempfile
from pathlib import Path

from running import copy_tree, succeed

HERE = Path(__file__).parent
CONFIG = HERE / "config.yaml"
KEPT = HERE / "kept"
RULES = (
    "simulate_samples", "prepare_dataset", "split_samples", "encode_features", "train_model",
    "permute_outcomes", "evaluate_study", "write_tables", "plot_figure",
)  # fmt: skip
COMPARED = (".csv", ".npy", ".parquet")  # others are drawn or written from these


def renew(tree):
    """Run the study in a copy of the tree and keep what jobs of `RULES` read and write."""
    copy_tree(tree)
    shutil.copyfile(CONFIG, tree / "config" / "config.yaml")
    succeed("--cores", "2", "--", "small", cwd=tree)
    # In a process of its own: Snakemake takes the folder that it is imported in for that of the run.
    succeed("--generate-unit-tests", "made", "--", "small", cwd=tree, PWD=str(tree))
    shutil.rmtree(KEPT, ignore_errors=True)
    for rule in RULES:
        for folder in ("data", "expected"):
            source, target = tree / "made" / rule / folder, KEPT / rule / folder
            target.mkdir(parents=True)  # there without any table, too
            for path in source.rglob("*"):
                if path.suffix in COMPARED:
                    copy = target / path.relative_to(source)
                    copy.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, copy)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as name:
        renew(Path(name))
