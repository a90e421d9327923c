"""What the workflow plans, and what it refuses, before anything runs."""

import re

import pytest
import yaml

from running import (
    APART,
    CLAIMS,
    DEFAULT,
    OVERLAYS,
    ROOT,
    SNAKEFILE,
    TINY,
    blocks,
    copy_users_files,
    jobs,
    python,
    rules,
    snakemake,
    succeed,
)  # fmt: skip

STUDIES = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["studies"]
PAPER = (DEFAULT, DEFAULT.parent / "paper.yaml")
OF_TRUTH = {"map_disease", "score_attribution"}  # of generated scans only
OF_SCANS = {
    "prepare_scans", "join_scans", "measure_images", "draw_contact_sheets", "compare_sites",
    "tabulate_confounding", "select_samples", "attribute_model",
}  # fmt: skip
OF_TRUE_FRAMES = {"render_counterfactuals", "score_counterfactuals"}
OF_FRAMES = {"select_frames", "generate_counterfactuals", "list_pictures"}
USERS_TABLE = "data/adni/ADNIMERGE_12Jan2024.csv"  # where overlays look for them
USERS_TREE = "data/adni_mri"
USERS_CELLS = "data/livecell"


def plan(folder, *configs, ask=succeed, more=()):
    """Dry run in an empty folder: nothing there is finished, and no configuration is found."""
    return ask("--dry-run", *more, cwd=folder, configs=configs)


def refusal(folder, *configs, more=()):
    """What is said of a dry run that is refused, before anything is written."""
    run = plan(folder, *configs, ask=snakemake, more=more)
    assert run.returncode != 0
    assert not (folder / "results").exists()
    return run.stdout


@pytest.fixture(scope="module")
def default(tmp_path_factory):
    """The plan of the shipped configuration."""
    return plan(tmp_path_factory.mktemp("default"), DEFAULT, CLAIMS)


def models_of(planned, rule):
    """Models that jobs of a rule are for."""
    return {re.search(r"model=(\w+)", block)[1] for block in blocks(planned, rule)}


def networks_of(study):
    return set(STUDIES[study]["models"]) - {
        "prevalence",
        "pca_ridge",
        "pca_glmm",
        "frozen_encoder",
        "armed_randomized_z",
    }


def overlay(folder, **content):
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def write_user_files(folder, sites=12):
    """A table of ADNI's name, a BIDS tree of a subject of each site, and frames; with empty files."""
    touch(folder / USERS_TABLE)
    rows = ["participant_id\tsite\tdiagnosis\tage\tsex"]
    for number in range(1, sites + 1):
        name = f"sub-{number:02d}"
        touch(folder / USERS_TREE / name / "anat" / f"{name}_T1w.nii.gz")
        rows.append(f"{name}\tS{number:02d}\tAD\t70\tF")
    (folder / USERS_TREE / "participants.tsv").write_text("\n".join(rows), encoding="utf-8")
    write_cells(folder / USERS_CELLS)


def write_cells(root):
    """A tree of two xenografts on two dates, with empty files."""
    for place in ("high/P1", "low/P2"):
        for date in ("160101", "160102"):
            touch(root / f"{place}/{date}_P1-P2/c{date[-1]}/1.png")


def touch(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()


def test_default_configuration_plans_every_stage(default):
    of_users_files = {"prepare_pictures", "join_pictures"}  # no study has such by default
    assert set(jobs(default)) == set(rules()) - of_users_files - APART


def test_images_are_prepared_in_as_many_batches_as_are_asked_for(default, tmp_path):
    spread = ("--set-scatter", "scans=5", "frames=5")
    assert jobs(default)["prepare_scans"] == jobs(default)["prepare_frames"] == 2
    more = {"prepare_scans": 5, "prepare_frames": 5}
    assert jobs(plan(tmp_path, DEFAULT, CLAIMS, more=spread)) == jobs(default) | more


def test_splits_of_frames_are_planned_without_what_follows(tmp_path):
    planned = jobs(plan(tmp_path, DEFAULT, more=("--", "results/livecell/splits.parquet")))
    once = dict.fromkeys(("simulate_frames", "join_frames", "split_samples"), 1)
    assert planned == once | {"prepare_frames": 2}


def test_networks_are_attributed_and_other_models_are_not(default):
    assert models_of(default, "attribute_model") == networks_of("ad_mri")


@pytest.mark.parametrize(
    ("study", "source", "kept", "of_truth"),
    [
        ("ad_mri", USERS_TREE, OF_SCANS, OF_TRUTH),
        ("livecell", USERS_CELLS, OF_FRAMES, OF_TRUE_FRAMES),
    ],
)
def test_users_images_are_planned_without_a_truth_to_be_scored_against(
    tmp_path, study, source, kept, of_truth
):
    write_user_files(tmp_path)
    mine = overlay(tmp_path, studies={study: {"data": {"source": {"path": source}}}})
    planned = set(jobs(plan(tmp_path, DEFAULT, mine, more=("--", study))))
    assert planned >= kept
    assert planned.isdisjoint(of_truth)


def test_networks_reconstruct_and_other_models_do_not(default):
    found = models_of(default, "reconstruct_images")
    assert found == networks_of("livecell")
    (scoring,) = blocks(default, "score_reconstruction")
    assert "results/tables/livecell/latents.html" in scoring
    (read,) = re.findall(r"^ +input: (.*)$", scoring, re.MULTILINE)
    assert read.count("/latents.parquet") == len(found)
    (looking,) = blocks(default, "compare_appearance")
    shown = set(re.findall(r"livecell/(\w+)/[^/]+/appearance.parquet", looking))
    assert shown == {"conventional", "armed", "armed_no_adversary"}


def test_models_with_an_appearance_for_each_date_make_counterfactuals_and_others_do_not(
    default, tmp_path
):
    assert models_of(default, "generate_counterfactuals") == {"armed", "armed_no_adversary"}
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["studies"]["livecell"]["random_effects"]["scale_shift"]
    blind = plan(tmp_path, overlay(tmp_path, **content), more=("--", "livecell"))
    assert "generate_counterfactuals" not in jobs(blind)


def test_bad_tree_of_frames_is_refused_before_anything_runs(tmp_path):
    touch(tmp_path / "cells/high/P1/160101_P1/c1/1.png")
    mine = overlay(tmp_path, studies={"livecell": {"data": {"source": {"path": "cells"}}}})
    said = refusal(tmp_path, DEFAULT, mine, more=("--", "results/livecell/splits.parquet"))
    assert "cells: holds no cell in low/<pdx>/<date>_<pdxs>/<cell>, expected some" in said


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_shipped_overlay_adds_its_studies_and_leaves_out_those_of_null(tmp_path, path):
    studies = yaml.safe_load(path.read_text(encoding="utf-8"))["studies"]
    write_user_files(tmp_path)
    planned = plan(tmp_path, DEFAULT, path)
    left_out = {name for name, study in studies.items() if study is None}
    assert set(re.findall(r"wildcards: study=(\w+)", planned)) == {*STUDIES, *studies} - left_out


def test_tiny_studies_plan_every_stage_and_scatter_multiplies_jobs_of_models_only(tmp_path):
    copy_users_files(tmp_path)
    whole = jobs(plan(tmp_path, TINY))
    assert set(whole) == set(rules()) - APART - {"export_table"}
    parts = jobs(plan(tmp_path, TINY, more=("--set-scatter", "folds=2")))
    spread = {rule for rule, count in parts.items() if count != whole[rule]}
    assert spread == {"infer_membership", "run_trials", "train_model", "attribute_model"}
    single = len(yaml.safe_load(TINY.read_text("utf-8"))["studies"]["tiny_livecell"]["models"]) - 1
    assert parts["train_model"] == 2 * whole["train_model"] - single  # that has one fold only


# `tests/unit/armed_study/config` has what is refused at every level, and in which words.
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"stuides": {}}, ["unknown key 'stuides'"]),
        ({"studies": {"contraception": {"models": {"armed": {"wight": 1}}}}}, ["'wight'"]),
        (
            {"studies": {"spirals_plain": {"models": {"amred": {}}}}},
            ["unknown method 'amred'", "armed", "cluster_input", "glmm", "lmmnn", "menet", "mldg"],
        ),
        ({"reference_model": "amred"}, ["amred", "conventional"]),
        (
            {"studies": {"mci_published": {"compare_with": "mic"}}},
            ["studies.mci_published.compare_with is 'mic'"],
        ),
    ],
)
def test_wrong_configuration_is_refused_before_anything_runs(tmp_path, content, said):
    printed = refusal(tmp_path, DEFAULT, overlay(tmp_path, **content))
    assert all(part in printed for part in said), printed


def test_study_of_images_without_interpretation_is_refused(tmp_path):
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["studies"]["ad_mri"]["interpretation"]
    said = refusal(tmp_path, overlay(tmp_path, **content))
    assert "studies.ad_mri: key 'interpretation' is missing" in said


@pytest.mark.parametrize(
    "target",
    [
        "no_such_study",
        "results/no_such_study/armed/1-of-1/model.safetensors",
        "results/spirals_plain/no_such_model/1-of-1/model.safetensors",
        "results/spirals_plain/armed_randomized_z/1-of-1/model.safetensors",
    ],
)
def test_target_that_nothing_makes_is_refused_by_name(tmp_path, target):
    assert f"No rule to produce {target}" in refusal(tmp_path, DEFAULT, more=("--", target))


@pytest.mark.parametrize(
    ("configs", "target", "said"),
    [
        ([DEFAULT], "results/figures/contraception/boundaries.svg",
         ["contraception has no figure 'boundaries', expected one of "]),
        ([TINY], "all", ["tiny.csv"]),
        (PAPER, "mci", ["data/adni", "ida.loni.usc.edu"]),
        (PAPER, "ad_mri", [f"{USERS_TREE}/participants.tsv: no such file, expected"]),
    ],
)  # fmt: skip
def test_absent_figure_or_data_are_refused_with_what_is_expected(tmp_path, configs, target, said):
    printed = refusal(tmp_path, *configs, more=("--", target))
    assert all(part in printed for part in said), printed


def test_family_is_a_target_of_its_studies_only(tmp_path):
    planned = plan(tmp_path, DEFAULT, more=("--", "spirals"))
    studies = set(re.findall(r"wildcards: study=(\w+)", planned))
    assert studies == {"spirals_plain", "spirals_confounded", "spirals_inverted"}


def test_effects_are_a_target_of_their_own_with_a_job_for_each_cell(tmp_path):
    planned = jobs(plan(tmp_path, DEFAULT, more=("--set-scatter", "documented=3", "--", "effects")))
    cells = 2 * 2  # numbers of clusters, variances
    parts = {"fit_documented": 3, "compare_fixed_parts": 3, "train_cell": cells}
    pages = {"tabulate_documented": 1, "summarise_grid": 1, "plot_effects": 3, "effects": 1}
    assert planned == parts | pages


def test_whole_grid_of_effects_is_planned_by_the_overlay(tmp_path):
    planned = jobs(plan(tmp_path, *PAPER, more=("--", "effects")))
    assert planned["train_cell"] == 2 * 3 * 4 * 2


def test_target_effects_without_its_block_is_refused(tmp_path):
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["effects"]
    mine = overlay(tmp_path, **content)
    said = refusal(tmp_path, mine, more=("--", "effects"))
    assert "the configuration has no block 'effects', expected it for the target effects" in said
    assert "train_cell" not in jobs(plan(tmp_path, mine, more=("--", "scores")))


def test_study_of_the_users_scans_is_planned_at_the_published_size_and_spread_over_jobs(tmp_path):
    write_user_files(tmp_path)
    spread = ("--set-scatter", "scans=4", "folds=10", "--", "ad_mri")
    planned = plan(tmp_path, *PAPER, more=spread)
    counts = jobs(planned)
    assert "simulate_scans" not in counts
    assert counts["prepare_scans"] == 4
    assert counts["infer_membership"] == 10
    assert counts["train_model"] % 10 == 0
    assert f"{USERS_TREE}/participants.tsv" in planned
    assert all(f"{USERS_TREE}/sub-{n:02d}/anat/sub-{n:02d}_T1w.nii.gz" in planned
               for n in range(1, 13))  # fmt: skip


def test_seen_site_that_no_participant_is_of_is_refused_before_anything_runs(tmp_path):
    write_user_files(tmp_path, sites=11)
    said = refusal(tmp_path, *PAPER, more=("--", "ad_mri"))
    assert "data.seen_sites names 'S12'" in said
    assert f"column site of {USERS_TREE}/participants.tsv holds 'S01'" in said


def test_targets_explain_themselves():
    listed = succeed("--list-target-rules", cwd=ROOT)
    assert {"all", "scores", "tables", "figures", "spirals", "contraception"} <= {
        line.split()[0] for line in listed.splitlines() if line.strip()
    }
    assert "Everything of one family of studies." in listed


def test_planning_imports_no_heavy_package(tmp_path):
    copy_users_files(tmp_path)
    run = ("-m", "snakemake", "-s", SNAKEFILE, "--configfile", TINY, "-n")
    printed = python("-X", "importtime", *run, cwd=tmp_path)
    imported = {line.rsplit("|", 1)[-1].strip() for line in printed.splitlines()}
    assert "armed_study.config.planning" in imported
    assert imported.isdisjoint({"torch", "sklearn", "matplotlib", "scipy", "gpboost"})
