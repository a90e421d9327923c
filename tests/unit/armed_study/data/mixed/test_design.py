"""Arrays of mixed models are those that R makes of the same table."""

import numpy as np
import pandas as pd
import pytest

from armed.errors import ArmedWarning, DataError
from armed_study.data.mixed.design import build_design
from armed_study.data.mixed.formula import parse_formula


def table(**changes):
    columns = {
        "y": [1.0, 2.0, 4.0, 3.0, 5.0, 7.0],
        "x": [0, 1, 2, 3, 4, 6],
        "dose": [1, 2, 4, 1, 2, 4],
        "sex": ["m", "f", "m", "f", "m", "f"],
        "old": [True, False, False, True, True, False],
        "school": [3, 3, 1, 1, 2, 2],
        "class": ["a", "b", "a", "b", "a", "a"],
    }
    return pd.DataFrame(columns | changes)


def build(text, **changes):
    return build_design(parse_formula(text), table(**changes), "table 't'")


def test_categories_have_treatment_contrasts_and_numbers_do_not():
    design = build("y ~ sex * x + (1 | school)")
    assert design.columns == ("(Intercept)", "sex[T.m]", "x", "sex[T.m]:x")
    design = build("y ~ factor(dose) + old + (1 | school)")
    assert design.columns == (
        "(Intercept)",
        "factor(dose)[T.2]",
        "factor(dose)[T.4]",
        "old[T.True]",
    )
    assert build("y ~ I(x > 2) + (1 | class)").columns == ("(Intercept)", "I(x > 2)[T.True]")


def test_powers_and_logs_are_those_of_r():
    design = build("log(y) ~ I((x - 1)^2) + sqrt(x) + (1 | school)")
    frame = table()
    np.testing.assert_allclose(design.y, np.log(frame["y"]))
    np.testing.assert_allclose(design.x[:, 1], (frame["x"] - 1) ** 2)
    np.testing.assert_allclose(design.x[:, 2], np.sqrt(frame["x"]))


def test_offsets_are_added_and_no_columns():
    design = build("y ~ 1 + offset(log(y)) + offset(x) + (1 | school)")
    assert design.columns == ("(Intercept)",)
    np.testing.assert_allclose(design.offset, np.log(table()["y"]) + table()["x"])


def test_rows_missing_any_column_are_dropped_and_counted():
    missing = {
        "x": [0, np.nan, 2, 3, 4, 6],
        "class": ["a", "b", "a", None, "a", "b"],
        "dose": [np.nan] * 6,
    }
    design = build("y ~ x + (1 | school:class)", **missing)
    assert design.dropped == 2
    np.testing.assert_array_equal(design.rows, [0, 2, 4, 5])
    np.testing.assert_array_equal(design.y, [1, 4, 5, 7])


def test_levels_left_without_rows_have_no_column():
    design = build("y ~ dose + sex + (1 | school)", sex=["m", "f", "u", "f", "m", "f"], x=1)
    assert design.columns == ("(Intercept)", "dose", "sex[T.m]", "sex[T.u]")
    design = build(
        "y ~ dose + sex + (1 | school)",
        sex=pd.Categorical(["m", "f", "u", "f", "m", "f"], ["u", "never", "f", "m"]),
        dose=[1, 2, None, 1, 2, 4],
    )
    assert design.columns == ("(Intercept)", "dose", "sex[T.m]")


def test_nested_clusters_are_numbered_and_named_by_combination():
    outer, inner = build("y ~ x + (1 | school/class)").terms
    assert outer.clusters == ("1", "2", "3")
    np.testing.assert_array_equal(outer.index, [2, 2, 0, 0, 1, 1])
    assert inner.clusters == ("1:a", "1:b", "2:a", "3:a", "3:b")
    np.testing.assert_array_equal(inner.index, [3, 4, 0, 1, 2, 2])


def test_whole_numbers_beside_missing_ones_name_clusters_plainly():
    (term,) = build("y ~ 1 + (1 | school)", school=[3, 3, 1, 1, None, 10]).terms
    assert term.clusters == ("1", "3", "10")


def test_random_design_has_intercept_unless_it_is_taken_out():
    slope, alone, apart = build("y ~ x + (x | school) + (0 + x | class) + (1 + x || sex)").terms
    assert slope.effects == ("(Intercept)", "x")
    assert slope.label == "(x | school)"
    np.testing.assert_array_equal(slope.design, np.column_stack([np.ones(6), table()["x"]]))
    assert alone.effects == ("x",)
    assert slope.correlated
    assert not apart.correlated


def test_mean_variance_averages_over_rows():
    (term,) = build("y ~ x + (x | school)").terms
    covariance = np.array([[2.0, 0.5], [0.5, 1.0]])
    x = table()["x"]
    assert term.mean_variance(covariance) == pytest.approx((2 + x + x**2).mean())


def test_two_levels_become_zero_and_one():
    np.testing.assert_array_equal(build("sex ~ x + (1 | school)").y, [1, 0, 1, 0, 1, 0])
    np.testing.assert_array_equal(build("old ~ x + (1 | school)").y, [1, 0, 0, 1, 1, 0])


def test_columns_may_be_called_as_python_and_r_call_things():
    names = {"x": "yield", "dose": "log", "y": "total.fruits", "sex": "C"}
    frame = table().rename(columns=names)
    design = build_design(
        parse_formula("total.fruits ~ I(yield - 1) + log(log) + C + (1 | school)"), frame, "t"
    )
    assert design.columns == ("(Intercept)", "I(yield - 1)", "log(log)", "C[T.m]")
    np.testing.assert_allclose(design.x[:, 2], np.log(table()["dose"]))


def test_determined_columns_are_left_out_with_a_warning():
    with pytest.warns(ArmedWarning, match="determine 'I\\(2 \\* x\\)', expected none such; left"):
        design = build("y ~ x + I(2 * x) + dose + (1 | school)")
    assert design.columns == ("(Intercept)", "x", "dose")
    np.testing.assert_array_equal(design.x[:, 1:], table()[["x", "dose"]])


@pytest.mark.parametrize(
    ("text", "changes", "found"),
    [
        ("y ~ X + (1 | school)", {}, "names 'X' (did you mean 'x'?), expected one of the columns"),
        ("y ~ x + (1 | scool)", {}, "names 'scool' (did you mean 'school'?)"),
        ("y ~ x + (1 | school)", {"x": None}, "has a missing value in each of 6 rows"),
        ("y ~ log(x) + (1 | school)", {}, "'log(x)' is -inf in a row without missing values"),
        ("sex ~ x + (1 | school)", {"sex": list("abcabc")}, "'sex' is a category of 3 levels"),
        ("y ~ x + (1 | school)", {"school": 1}, "factor 'school' has 1 cluster"),
        ("y ~ x + (1 + sex || school)", {}, "(1 + sex || school) has a category before '||'"),
        ("y ~ log(sex) + (1 | school)", {}, "'log( sex )' cannot be computed"),
        ("y ~ x y + (1 | school)", {}, "cannot be computed"),
        (
            "y ~ x + offset(sex) + (1 | school)",
            {},
            "'( sex )' is a category of 2 levels, expected numbers; recode",
        ),
    ],
)
def test_bad_tables_are_refused_in_a_sentence(text, changes, found):
    with np.errstate(divide="ignore"), pytest.raises(DataError) as refused:
        build(text, **changes)
    sentence = str(refused.value)
    assert sentence.startswith(f"table 't': formula '{text}'")
    assert found in sentence
    assert ", expected " in sentence
