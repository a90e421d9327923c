"""After a change, exactly what depends on it is made again."""

import shutil

import pytest
import yaml

from running import OFFLINE, changed, jobs, snakemake, succeed, tiny_config, trained

pytestmark = pytest.mark.slow

STUDIES = tiny_config()["studies"]
ARMED = "src/armed/methods/armed.py"


@pytest.fixture
def tree(finished, tmp_path):
    """A copy of the tree with its results, to be changed by one test."""
    shutil.copytree(finished, tmp_path / "tree")
    return tmp_path / "tree"


def append(tree, path, line="EDITED = True"):
    with (tree / path).open("a", encoding="utf-8") as file:
        file.write(f"\n{line}\n")


def configure(tree, path, value):
    """Set a value of the studies of the configuration."""
    config = changed(tiny_config(), ("studies", *path), value)
    (tree / "config" / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False), "utf-8")


def plan(tree):
    return succeed("--dry-run", cwd=tree)


def test_finished_study_has_nothing_to_do_even_where_it_was_moved(finished, tree):
    assert "Nothing to be done" in plan(finished)
    assert "Nothing to be done" in plan(tree)


@pytest.mark.parametrize(
    ("path", "models"),
    [
        (ARMED, ("armed", "armed_no_adversary")),
        ("src/armed_study/baselines/glmm.py", ("glmm",)),
    ],
)
def test_edited_method_trains_its_models_only(tree, path, models):
    append(tree, path)
    planned = plan(tree)
    assert trained(planned) == sorted(
        (name, model)
        for name, study in STUDIES.items()
        for model in models
        if model in study["models"]
    )
    untouched = {"prepare_dataset", "split_samples", "infer_membership", "plot_data"}
    assert untouched.isdisjoint(jobs(planned))
    assert jobs(planned)["evaluate_study"] == len({study for study, _ in trained(planned)})


def test_edited_method_of_the_membership_classifier_infers_membership_again(tree):
    append(tree, "src/armed/methods/conventional.py")
    planned = jobs(plan(tree))
    assert planned["infer_membership"] == len(STUDIES)
    assert "split_samples" not in planned


def test_edited_code_of_every_network_trains_networks_only(tree):
    append(tree, "src/armed/training/fit.py")
    planned = plan(tree)
    assert {model for _, model in trained(planned)} >= {"conventional", "armed"}
    assert "prepare_dataset" not in jobs(planned)


def test_edited_figure_is_drawn_again_with_the_paper_that_shows_it_and_nothing_else(tree):
    append(tree, "src/armed_study/figures/performance/performance.py")
    assert jobs(plan(tree)) == {"plot_figure": len(STUDIES), "write_paper": 1, "all": 1}


def test_edited_kind_of_study_makes_data_of_that_kind_only(tree):
    append(tree, "src/armed_study/studies/table/prepare.py")
    planned = plan(tree)
    assert jobs(planned)["prepare_dataset"] == 1
    assert "study=tiny_spirals" not in planned


@pytest.mark.parametrize(
    "path", [ARMED, "src/armed/training/fit.py", "src/armed_study/io/tables.py"]
)
def test_edited_comment_makes_nothing_again(tree, path):
    append(tree, path, "# A comment says why.")
    text = (tree / path).read_text(encoding="utf-8")
    (tree / path).write_text(text.replace('"""', '"""Well: ', 1), encoding="utf-8")
    assert "Nothing to be done" in plan(tree)


@pytest.mark.parametrize(
    ("path", "value", "models"),
    [
        (("tiny_spirals", "models", "armed_no_adversary", "kl_weight"), 0.01, ["armed_no_adversary"]),
        (("tiny_spirals", "adversary", "hidden"), [5], ["armed", "armed_no_adversary"]),
        (("tiny_table", "models", "lmmnn"), {}, ["lmmnn"]),
        (("tiny_table", "title"), "A better title", []),
    ],
)  # fmt: skip
def test_changed_setting_trains_the_models_that_read_it_only(tree, path, value, models):
    configure(tree, path, value)
    planned = plan(tree)
    assert trained(planned) == [(path[0], model) for model in models]
    assert "infer_membership" not in jobs(planned)
    assert jobs(planned).get("evaluate_study", 0) == (1 if models else 0)


def test_added_study_leaves_the_others_alone(tree):
    configure(tree, ("second_table",), {**STUDIES["tiny_table"], "title": "Second"})
    assert {study for study, _ in trained(plan(tree))} == {"second_table"}


def test_file_dropped_into_methods_is_a_method_that_trains(tree):
    methods = tree / "src" / "armed" / "methods"
    shutil.copy(methods / "conventional.py", methods / "borrowed.py")
    configure(tree, ("tiny_spirals", "models", "borrowed"), {})
    assert trained(plan(tree)) == [("tiny_spirals", "borrowed")]
    predictions = "results/tiny_spirals/borrowed/1-of-1/predictions.parquet"
    succeed("--cores", "1", "--", predictions, cwd=tree, **OFFLINE)
    assert (tree / predictions).is_file()


def test_broken_method_fails_its_models_by_name_and_says_why(tree):
    text = (tree / ARMED).read_text(encoding="utf-8")
    line = "output: MixedOutput = self.mixed("
    assert line in text
    broken = text.replace(line, f"raise KeyError('broken here')\n        {line}")
    (tree / ARMED).write_text(broken, encoding="utf-8")
    target, log = (f"tiny_table/armed/1-of-1{end}" for end in ("/model.safetensors", ".log"))
    run = snakemake("--cores", "1", "--", f"results/{target}", cwd=tree, **OFFLINE)
    assert run.returncode != 0
    assert "broken here" in run.stdout
    assert f"results/logs/{log}" in run.stdout
    assert "Traceback" in (tree / "results/logs" / log).read_text("utf-8")
