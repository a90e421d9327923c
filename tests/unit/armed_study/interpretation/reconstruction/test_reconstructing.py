"""Restored networks reconstruct what they would have, and their latents are kept."""

import numpy as np
import pandas as pd
import pytest
import torch

import small_images
from armed.errors import ConfigError
from armed_study.interpretation.reconstruction.measures import structural_similarity
from armed_study.interpretation.reconstruction.reconstructing import reconstruct_model
from armed_study.io.tables import read_table, write_table
from armed_study.networks.autoencoder import AutoencoderClassifier, Encoder
from armed_study.training import batched_inference
from armed_study.training.restore import restore
from small_images import RECONSTRUCTING, dataset, settings_for, split, study_folds


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    data = dataset(tmp_path_factory.mktemp("images"), pixels=32)
    return data, split(data)


@pytest.fixture(scope="module")
def given(study):
    return study_folds(study)


def fitted(given, method, **own):
    return small_images.fitted(given, method, settings_for(method, RECONSTRUCTING, **own))


@pytest.fixture(scope="module")
def armed(given):
    return fitted(given, "armed")


@pytest.fixture(scope="module")
def made(given, armed):
    return reconstruct_model(given, restore(given, **armed))


def inputs(replica, partition):
    """Rows of a partition, their images from 0 to 1, and their clusters."""
    rows = replica.fold.rows(partition)
    x = torch.from_numpy(np.array(replica.fold.x[rows])).float() / 255
    return rows, x, torch.from_numpy(replica.fold.z[rows])


def images_of(method, x, z):
    """Reconstructions of images by output, behind the logit."""
    outputs = method.linear_predictor(x, z)
    return {effect: output[:, 1:].reshape(x.shape) for effect, output in outputs.items()}


def chosen(table, **keys):
    for column, value in keys.items():
        table = table[table[column] == value]
    return table


@torch.no_grad()
def test_errors_are_those_of_the_network_s_own_images(given, armed, made):
    (_, _), (replica, built) = restore(given, **armed)
    rows, x, z = inputs(replica, "test")
    for effect, image in images_of(built, x, z).items():
        own = chosen(made.errors, fold=1, partition="test", assignment="known", effect=effect)
        assert own["sample"].tolist() == given.samples[rows].tolist()
        wanted = ((image - x) ** 2).mean((1, 2, 3))
        assert own["mse"].to_numpy() == pytest.approx(wanted.numpy(), rel=1e-5)
        ssim = structural_similarity(image, x)
        assert own["ssim"].to_numpy() == pytest.approx(ssim.numpy(), abs=1e-5)
    fixed, mixed = (chosen(made.errors, effect=effect)["mse"] for effect in ("fixed", "mixed"))
    assert np.abs(fixed.to_numpy() - mixed.to_numpy()).max() > 1e-4


def test_fixed_errors_are_those_of_each_sample_under_every_assignment(made):
    fixed = made.errors[made.errors["effect"] == "fixed"]
    by = fixed.pivot_table(
        index=["fold", "partition", "sample"], columns="assignment", values="mse"
    )
    assert set(by) >= {"known", "zero", "average", "random"}
    assert (by.max(axis=1) == by.min(axis=1)).all()


@torch.no_grad()
def test_latents_are_what_the_encoder_gives(given, armed, made):
    names = [name for name in made.latents if name.startswith("latent_")]
    assert len(names) == RECONSTRUCTING["network"]["latents"]
    for replica, built in restore(given, **armed):
        _, x, _ = inputs(replica, "unseen")
        own = chosen(made.latents, fold=replica.fold.fold, partition="unseen")
        (encoder,) = (module for module in built.modules() if isinstance(module, Encoder))
        wanted = encoder(x)
        assert own[names].to_numpy() == pytest.approx(wanted.numpy(), rel=1e-4, abs=1e-5)


@torch.no_grad()
def test_appearance_is_those_of_the_images_and_of_the_judged_reconstructions(given, armed, made):
    assert not made.appearance.duplicated(["fold", "partition", "effect", "sample"]).any()
    reported = {"test": "known", "unseen": "average"}
    assert (made.appearance["assignment"] == made.appearance["partition"].map(reported)).all()
    replica, built = next(iter(restore(given, **armed)))
    rows, x, z = inputs(replica, "test")
    for effect, image in {"original": x, **images_of(built, x, z)}.items():
        own = chosen(made.appearance, fold=0, partition="test", effect=effect)
        assert own["sample"].tolist() == given.samples[rows].tolist()
        wanted = image.numpy().astype(float)
        assert own["brightness"].to_numpy() == pytest.approx(wanted.mean((1, 2, 3)), rel=1e-4)
        assert own["contrast"].to_numpy() == pytest.approx(wanted.std((1, 2, 3)), rel=1e-4)


def test_every_test_and_unseen_sample_is_reconstructed_and_no_other(given, made):
    for fold in given.folds:
        for table in (made.latents, chosen(made.errors, effect="fixed")):
            own = chosen(table, fold=fold.fold)
            for partition in ("test", "unseen"):
                part = chosen(own, partition=partition)
                wanted = given.samples[fold.rows(partition)].tolist()
                for _, each in part.groupby("assignment"):
                    assert each["sample"].tolist() == wanted
    pairs = made.errors[["partition", "assignment"]].drop_duplicates()
    assert set(pairs.itertuples(index=False, name=None)) == {
        ("test", "known"),
        *((part, each) for part in ("test", "unseen") for each in ("random", "zero", "average")),
    }
    reported = made.latents[["partition", "assignment"]].drop_duplicates()
    assert reported.to_numpy().tolist() == [["test", "known"], ["unseen", "average"]]


def test_images_are_read_block_by_block_which_changes_nothing(given, armed, made, monkeypatch):
    sizes, whole = [], batched_inference.read
    monkeypatch.setattr(batched_inference, "rows_at_a_time", lambda shape: 7)
    monkeypatch.setattr(
        batched_inference, "read", lambda rows: sizes.append(len(rows)) or whole(rows)
    )
    again = reconstruct_model(given, restore(given, **armed))
    assert max(sizes) == 7
    assert sum(sizes) == len(made.errors) / 2  # one reading for both outputs
    for table, other in zip(made, again, strict=True):
        pd.testing.assert_frame_equal(table, other, rtol=1e-4, atol=1e-5)


def test_folds_alone_give_what_they_give_together(study, armed, made):
    parts = [study_folds(study, folds=(fold,)) for fold in (0, 1)]
    alone = [reconstruct_model(part, restore(part, **armed)) for part in parts]
    for number in range(len(made)):
        joined = pd.concat([each[number] for each in alone], ignore_index=True)
        pd.testing.assert_frame_equal(joined, made[number])


def test_latents_of_a_network_that_is_told_the_cluster_depend_on_it(given):
    about = fitted(given, "cluster_input")
    made = reconstruct_model(given, restore(given, **about))
    replica, built = next(iter(restore(given, **about)))
    _, x, z = inputs(replica, "test")
    weights = built.context(z)
    own = chosen(made.latents, fold=0, partition="test").filter(like="latent_").to_numpy()
    with torch.no_grad():
        told, not_told = (built.network.encoder(x, w) for w in (weights, torch.zeros_like(weights)))
    assert own == pytest.approx(told.numpy(), rel=1e-4, abs=1e-5)
    assert np.abs(own - not_told.numpy()).max() > 1e-3


def test_a_model_without_clusters_is_judged_by_its_fixed_reconstruction(given):
    made = reconstruct_model(given, restore(given, **fitted(given, "conventional")))
    assert set(made.errors["effect"]) == {"fixed"}
    assert set(made.errors["assignment"]) == {"none"}


def test_principal_components_are_those_of_the_fold_s_training_images(given):
    network = {"kind": "pca_autoencoder", "latents": 3, "filters": 0}
    model = fitted(given, "conventional", network=network)
    for replica, built in restore(given, **model):
        x = inputs(replica, "train")[1].flatten(1)
        bias = built.network.decoder.bias.detach()
        torch.testing.assert_close(bias, x.mean(0), atol=1e-5, rtol=0)
        u, s, v = torch.linalg.svd(x - x.mean(0), full_matrices=False)
        wanted = x.mean(0) + (u[:, :3] * s[:3]) @ v[:3]
        made = built.network(x.view(-1, 1, 32, 32))[:, 1:].detach()
        errors = [float((image - x).square().mean()) for image in (made, wanted)]
        assert errors[0] == pytest.approx(errors[1], rel=0.01)


def test_tables_are_as_declared(made, tmp_path):
    for name, table in zip(("reconstruction", "latents", "appearance"), made, strict=True):
        write_table(table, tmp_path / f"{name}.parquet", name)
        back = read_table(tmp_path / f"{name}.parquet", name)
        assert len(back) == len(table) > 0
    latents = read_table(tmp_path / "latents.parquet", "latents").filter(like="latent_")
    assert set(latents.dtypes) == {np.dtype("float32")}


def test_a_model_that_reconstructs_nothing_is_refused(given):
    own = {"network": {"kind": "slice_cnn", "filters": 1}, "task": {"kind": "binary"}}
    with pytest.raises(ConfigError, match=r"reconstructs nothing; expected task\.kind reconstr"):
        reconstruct_model(given, restore(given, **fitted(given, "conventional", **own)))


def test_a_network_that_names_no_latents_is_refused(given, armed, monkeypatch):
    monkeypatch.delattr(AutoencoderClassifier, "latents")
    with pytest.raises(ConfigError, match=r"names no latents; expected a network that encodes"):
        reconstruct_model(given, restore(given, **armed))
