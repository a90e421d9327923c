import pytest

from armed.errors import ConfigError
from armed_study.data.mixed.random_effects import FactorEffects, read_random_effects
from refusals import refused


def test_terms_are_read_by_factor_as_lme4_reads_them():
    school, room, teacher = read_random_effects(
        "(1 + age | school/class) + (0 + age + iq || teacher)"
    )
    assert school == FactorEffects(("school",), True, ("age",), True)
    assert (room.factor, room.columns, room.slopes) == (
        "school:class",
        ("school", "class"),
        ("age",),
    )
    assert teacher == FactorEffects(("teacher",), False, ("age", "iq"), False)
    (implied,) = read_random_effects("(age | school)")
    assert implied.intercept


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("(1 | school", "formula '.1 . school' has brackets"),
        ("age + (1 | school)", "has a fixed part, expected random terms alone"),
        ("(1 | school) + offset(age)", "has a fixed part"),
        ("(1 | school) + (0 + age | school)", "has two terms of 'school'"),
        ("(log(age) | school)", r"the effects 'log\( age \)'"),
        ("(age * sex | school)", r"the effects 'age \* sex'"),
        ("(0 | school)", "no effect of 'school'"),
        ("age", "has no random term"),
    ],
)
def test_what_is_no_intercept_or_slope_of_a_factor_is_refused(text, message):
    with refused(message, ConfigError):
        read_random_effects(text)
