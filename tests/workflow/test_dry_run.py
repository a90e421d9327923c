"""What the workflow plans, and what it refuses, before anything runs."""

import re
import subprocess

import pytest
import yaml

from running import (
    ROOT,
    SNAKEFILE,
    TINY,
    command,
    environment,
    jobs,
    snakemake,
    succeed,
    write_tiny_table,  # fmt: skip
)

DEFAULT = ROOT / "config" / "config.yaml"
PAPER = (DEFAULT, DEFAULT.parent / "paper.yaml")
OVERLAYS = sorted(path for path in DEFAULT.parent.glob("*.yaml") if path != DEFAULT)
OF_TRUTH = {"map_disease", "score_attribution"}  # of generated scans only
OF_SCANS = OF_TRUTH | {
    "simulate_scans", "prepare_scans", "join_scans", "measure_images", "draw_contact_sheets",
    "compare_sites", "tabulate_confounding", "choose_samples", "attribute_model",
}  # fmt: skip
PREPARING_FRAMES = {"simulate_frames", "prepare_frames", "join_frames"}
OF_TRUE_FRAMES = {"render_counterfactuals", "score_counterfactuals"}
IMAGINING = {"choose_frames", "imagine_dates", "list_pictures"}
OF_FRAMES = PREPARING_FRAMES | OF_TRUE_FRAMES | IMAGINING
OF_RECONSTRUCTIONS = {
    "reconstruct_images", "score_reconstruction", "project_latents", "compare_looks",
}  # fmt: skip
USER_FILES = ("data/adni/ADNIMERGE_12Jan2024.csv",)  # where overlays look for them
USERS_TREE = "data/adni_mri"
USERS_CELLS = "data/livecell"
TARGETS = {"scores", "tables", "figures"}  # parts of `all`, asked for by name


def rules():
    """Every rule of the workflow."""
    files = [SNAKEFILE, *SNAKEFILE.parent.glob("rules/*.smk")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in files)
    named = re.findall(r"^(?:use rule \w+ as|rule) (\w+)", text, re.MULTILINE)
    return set(named)


def plan(folder, *configs, ask=snakemake, more=()):
    """Dry run in an empty folder: nothing there is finished, and no configuration is found."""
    where = ("-s", SNAKEFILE, "--directory", folder, "--configfile", *configs)
    return ask(*where, "--dry-run", *more, cwd=folder)


def overlay(folder, **content):
    path = folder / "overlay.yaml"
    path.write_text(yaml.safe_dump(content), encoding="utf-8")
    return path


def write_user_files(folder, sites=12):
    """A table of ADNI's name, a BIDS tree of a subject of each site, and frames; with empty files."""
    for file in USER_FILES:
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).touch()
    rows = ["participant_id\tsite\tdiagnosis\tage\tsex"]
    for number in range(1, sites + 1):
        image = folder / USERS_TREE / f"sub-{number:02d}" / "anat" / f"sub-{number:02d}_T1w.nii.gz"
        image.parent.mkdir(parents=True)
        image.touch()
        rows.append(f"sub-{number:02d}\tS{number:02d}\tAD\t70\tF")
    (folder / USERS_TREE / "participants.tsv").write_text("\n".join(rows), encoding="utf-8")
    write_cells(folder / USERS_CELLS)


def write_cells(root):
    """A tree of two xenografts on two dates, with empty files."""
    for kind, pdx in (("high", "P1"), ("low", "P2")):
        for date in ("160101", "160102"):
            frame = root / f"{kind}/{pdx}/{date}_P1-P2/c{date[-1]}/1.png"
            frame.parent.mkdir(parents=True)
            frame.touch()


def test_default_configuration_plans_every_stage(tmp_path):
    planned = jobs(plan(tmp_path, DEFAULT, ask=succeed))
    assert set(planned) == rules() - TARGETS


def test_study_of_images_is_planned_from_scans_to_tables(tmp_path):
    planned = jobs(plan(tmp_path, DEFAULT, ask=succeed, more=("--", "ad_mri")))
    assert set(planned) > OF_SCANS
    assert planned["prepare_scans"] == 2
    more = jobs(plan(tmp_path, DEFAULT, ask=succeed,
                     more=("--set-scatter", "scans=5", "--", "ad_mri")))  # fmt: skip
    assert more == planned | {"prepare_scans": 5}


def test_networks_are_attributed_and_other_models_are_not(tmp_path):
    planned = plan(tmp_path, DEFAULT, ask=succeed, more=("--", "ad_mri"))
    blocks = re.findall(r"^rule attribute_model:\n((?: .*\n)+)", planned, re.MULTILINE)
    found = {re.search(r"model=(\w+)", block)[1] for block in blocks}
    study = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["studies"]["ad_mri"]
    assert found == set(study["models"]) - {"prevalence", "armed_randomized_z"}


def test_users_scans_are_attributed_without_a_truth_to_be_scored_against(tmp_path):
    write_user_files(tmp_path)
    mine = overlay(tmp_path, studies={"ad_mri": {"data": {"source": {"path": USERS_TREE}}}})
    planned = set(jobs(plan(tmp_path, DEFAULT, mine, ask=succeed, more=("--", "ad_mri"))))
    assert planned >= OF_SCANS - OF_TRUTH - {"simulate_scans"}
    assert planned.isdisjoint(OF_TRUTH)


def test_study_of_images_without_interpretation_is_refused(tmp_path):
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["studies"]["ad_mri"]["interpretation"]
    run = plan(tmp_path, overlay(tmp_path, **content))
    assert run.returncode != 0
    assert "studies.ad_mri: key 'interpretation' is missing" in run.stdout


def test_frames_are_prepared_in_as_many_batches_as_are_asked_for(tmp_path):
    splits = "results/livecell/splits.parquet"
    planned = jobs(plan(tmp_path, DEFAULT, ask=succeed, more=("--", splits)))
    assert planned == dict.fromkeys(PREPARING_FRAMES, 1) | {"prepare_frames": 2, "split_samples": 1}
    more = jobs(plan(tmp_path, DEFAULT, ask=succeed,
                     more=("--set-scatter", "frames=5", "--", splits)))  # fmt: skip
    assert more == planned | {"prepare_frames": 5}


def test_networks_reconstruct_and_other_models_do_not(tmp_path):
    planned = plan(tmp_path, DEFAULT, ask=succeed, more=("--", "livecell"))
    assert set(jobs(planned)) >= OF_FRAMES | OF_RECONSTRUCTIONS
    blocks = re.findall(r"^rule reconstruct_images:\n((?: .*\n)+)", planned, re.MULTILINE)
    found = {re.search(r"model=(\w+)", block)[1] for block in blocks}
    study = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["studies"]["livecell"]
    assert found == set(study["models"]) - {"prevalence", "armed_randomized_z"}
    (scoring,) = re.findall(
        r"^    rule score_reconstruction:\n((?: {8}.*\n)+)", planned, re.MULTILINE
    )
    assert "results/tables/livecell/latents.html" in scoring
    (read,) = re.findall(r"^ +input: (.*)$", scoring, re.MULTILINE)
    assert read.count("/latents.parquet") == len(found)
    (looking,) = re.findall(r"^    rule compare_looks:\n((?: {8}.*\n)+)", planned, re.MULTILINE)
    shown = set(re.findall(r"livecell/(\w+)/[^/]+/looks.parquet", looking))
    assert shown == {"conventional", "armed", "armed_no_adversary"}


def test_models_with_a_look_for_each_date_imagine_frames_and_others_do_not(tmp_path):
    planned = plan(tmp_path, DEFAULT, ask=succeed, more=("--", "livecell"))
    assert set(jobs(planned)) >= OF_FRAMES
    blocks = re.findall(r"^rule imagine_dates:\n((?: .*\n)+)", planned, re.MULTILINE)
    found = {re.search(r"model=(\w+)", block)[1] for block in blocks}
    assert found == {"armed", "armed_no_adversary"}
    content = yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))
    del content["studies"]["livecell"]["random_effects"]["scale_shift"]
    blind = jobs(plan(tmp_path, overlay(tmp_path, **content), ask=succeed,
                      more=("--", "livecell")))  # fmt: skip
    assert "imagine_dates" not in blind


def test_users_frames_are_imagined_without_a_truth_to_be_scored_against(tmp_path):
    write_cells(tmp_path / "cells")
    mine = overlay(tmp_path, studies={"livecell": {"data": {"source": {"path": "cells"}}}})
    planned = set(jobs(plan(tmp_path, DEFAULT, mine, ask=succeed, more=("--", "livecell"))))
    assert planned >= IMAGINING
    assert planned.isdisjoint(OF_TRUE_FRAMES)


def test_bad_tree_of_frames_is_refused_before_anything_runs(tmp_path):
    frame = tmp_path / "cells/high/P1/160101_P1/c1/1.png"
    frame.parent.mkdir(parents=True)
    frame.touch()
    mine = overlay(tmp_path, studies={"livecell": {"data": {"source": {"path": "cells"}}}})
    run = plan(tmp_path, DEFAULT, mine, more=("--", "results/livecell/splits.parquet"))
    assert run.returncode != 0
    assert "cells: holds no cell in low/<pdx>/<date>_<pdxs>/<cell>, expected some" in run.stdout


@pytest.mark.parametrize("path", OVERLAYS, ids=lambda path: path.stem)
def test_shipped_overlay_adds_its_studies_to_the_default_ones(tmp_path, path):
    studies = yaml.safe_load(path.read_text(encoding="utf-8"))["studies"]
    write_user_files(tmp_path)
    planned = plan(tmp_path, DEFAULT, path, ask=succeed)
    found = set(re.findall(r"wildcards: study=(\w+)", planned))
    assert found == {*yaml.safe_load(DEFAULT.read_text(encoding="utf-8"))["studies"], *studies}


def test_configuration_of_the_tests_plans_every_stage_but_the_export(tmp_path):
    write_tiny_table(tmp_path)
    planned = jobs(plan(tmp_path, TINY, ask=succeed))
    assert set(planned) == rules() - TARGETS - {"export_table"}


def test_scatter_multiplies_jobs_of_models_only(tmp_path):
    write_tiny_table(tmp_path)
    whole = jobs(plan(tmp_path, TINY, ask=succeed))
    parts = jobs(plan(tmp_path, TINY, ask=succeed, more=("--set-scatter", "folds=2")))
    spread = {rule for rule, count in parts.items() if count != whole[rule]}
    assert spread == {"infer_membership", "train_model", "attribute_model"}
    single = len(yaml.safe_load(TINY.read_text("utf-8"))["studies"]["tiny_livecell"]["models"]) - 1
    assert parts["train_model"] == 2 * whole["train_model"] - single  # that has one fold only


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({"stuides": {}}, "stuides"),
        ({"studies": {"spirals_plain": {"splits": {"fold": 3}}}}, "fold"),
        ({"studies": {"contraception": {"data": {"clustr": "district"}}}}, "clustr"),
        ({"studies": {"contraception": {"models": {"armed": {"wight": 1}}}}}, "wight"),
    ],
)
def test_misspelt_key_is_refused_by_name_at_every_level(tmp_path, content, named):
    run = plan(tmp_path, DEFAULT, overlay(tmp_path, **content))
    assert run.returncode != 0
    assert f"'{named}'" in run.stdout
    assert not (tmp_path / "results").exists()


def test_unknown_method_is_refused_with_a_list_of_those_there_are(tmp_path):
    content = {"studies": {"spirals_plain": {"models": {"amred": {}}}}}
    run = plan(tmp_path, DEFAULT, overlay(tmp_path, **content))
    assert run.returncode != 0
    assert "unknown method 'amred'" in run.stdout
    listed = ("armed", "cluster_input", "conventional", "glmm", "lmmnn", "menet", "mldg")
    assert all(name in run.stdout for name in listed)


def test_reference_model_that_a_study_does_not_train_is_refused(tmp_path):
    run = plan(tmp_path, DEFAULT, overlay(tmp_path, reference_model="amred"))
    assert run.returncode != 0
    assert "amred" in run.stdout
    assert "conventional" in run.stdout


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
    run = plan(tmp_path, DEFAULT, more=("--", target))
    assert run.returncode != 0
    assert f"No rule to produce {target}" in run.stdout


def test_figure_that_a_study_does_not_have_is_refused_with_those_that_it_has(tmp_path):
    run = plan(tmp_path, DEFAULT, more=("--", "results/figures/contraception/boundaries.svg"))
    assert run.returncode != 0
    assert "contraception has no figure 'boundaries', expected one of " in run.stdout


def test_family_is_a_target_of_its_studies_only(tmp_path):
    planned = plan(tmp_path, DEFAULT, ask=succeed, more=("--", "spirals"))
    studies = set(re.findall(r"wildcards: study=(\w+)", planned))
    assert studies == {"spirals_plain", "spirals_confounded", "spirals_inverted"}


def test_absent_table_of_the_user_is_refused_by_name(tmp_path):
    run = plan(tmp_path, TINY)
    assert run.returncode != 0
    assert "tiny.csv" in run.stdout


def test_absent_table_of_adni_is_refused_with_what_to_download_and_where_to_put_it(tmp_path):
    run = plan(tmp_path, *PAPER, more=("--", "mci"))
    assert run.returncode != 0
    assert "data/adni" in run.stdout
    assert "ida.loni.usc.edu" in run.stdout


def test_study_of_the_users_scans_is_planned_at_the_published_size_and_spread_over_jobs(tmp_path):
    write_user_files(tmp_path)
    spread = ("--set-scatter", "scans=4", "folds=10", "--", "ad_mri")
    planned = plan(tmp_path, *PAPER, ask=succeed, more=spread)
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
    run = plan(tmp_path, *PAPER, more=("--", "ad_mri"))
    assert run.returncode != 0
    assert "data.seen_sites names 'S12'" in run.stdout
    assert f"column site of {USERS_TREE}/participants.tsv holds 'S01'" in run.stdout


def test_absent_tree_of_scans_is_refused_by_name(tmp_path):
    run = plan(tmp_path, *PAPER, more=("--", "ad_mri"))
    assert run.returncode != 0
    assert f"{USERS_TREE}/participants.tsv: no such file, expected" in run.stdout


def test_study_beside_one_that_there_is_not_is_refused(tmp_path):
    lost = overlay(tmp_path, studies={"mci_published": {"compare_with": "mic"}})
    run = plan(tmp_path, DEFAULT, lost)
    assert run.returncode != 0
    assert "studies.mci_published.compare_with is 'mic'" in run.stdout


def test_targets_explain_themselves():
    listed = succeed("--list-target-rules", cwd=ROOT)
    assert {"all", "scores", "tables", "figures", "spirals", "contraception"} <= {
        line.split()[0] for line in listed.splitlines() if line.strip()
    }
    assert "Everything of one family of studies." in listed


def test_planning_imports_no_heavy_package(tmp_path):
    write_tiny_table(tmp_path)
    arguments = command("-s", SNAKEFILE, "--directory", tmp_path, "--configfile", TINY, "-n")
    done = subprocess.run(
        [arguments[0], "-X", "importtime", *arguments[1:]],
        cwd=tmp_path, env=environment(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    imported = {line.rsplit("|", 1)[-1].strip() for line in done.stderr.splitlines()}
    assert "armed_study.config.planning" in imported
    assert imported.isdisjoint({"torch", "sklearn", "matplotlib", "scipy", "gpboost"})
