import pytest

from armed_study.training.tuning.trials import draw_trials

SPACE = {
    "training.learning_rate": {"low": 0.001, "high": 0.1, "log": True},
    "network.hidden": {"choices": [[4], [8]]},
    "training.epochs": {"low": 2, "high": 5, "log": False},
}
SETTINGS = {"training": {"learning_rate": 0.02, "epochs": 3}, "network": {"hidden": [6]}}


def drawn(seed=(1, "s", "m"), trials=16):
    return draw_trials(SPACE, SETTINGS, trials=trials, seed=seed)


def test_the_first_trial_is_as_configured_and_others_lie_in_the_space():
    first, *others = drawn()
    assert first == {"training.learning_rate": 0.02, "network.hidden": [6], "training.epochs": 3}
    rates = [trial["training.learning_rate"] for trial in others]
    assert all(0.001 <= rate <= 0.1 for rate in rates)
    assert 6 <= sum(rate < 0.01 for rate in rates) <= 9  # evenly over the logarithm
    assert {str(trial["network.hidden"]) for trial in others} == {"[4]", "[8]"}
    assert {trial["training.epochs"] for trial in others} == {2, 3, 4, 5}


def test_trials_depend_on_seed_study_and_model_and_not_on_their_number():
    assert drawn() == drawn()
    assert drawn(trials=4) == drawn()[:4]
    assert drawn()[1:] != drawn(seed=(1, "s", "other"))[1:] != drawn(seed=(2, "s", "other"))[1:]


@pytest.mark.parametrize("name", ["kl_weight", "adversary.hidden"])
def test_a_setting_that_is_not_configured_is_left_to_its_default(name):
    space = {name: {"choices": [1, 2]}}
    assert draw_trials(space, SETTINGS, trials=2, seed=(1, "s", "m"))[0] == {}
