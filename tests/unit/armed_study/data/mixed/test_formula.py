"""Formulas of lme4 are taken apart as R does, or refused."""

import pytest

from armed.errors import ConfigError
from armed_study.data.mixed.expressions import plain
from armed_study.data.mixed.formula import parse_formula


def random_parts(text):
    return [
        (plain(part.effects.text), ":".join(part.factor), part.correlated)
        for part in parse_formula(f"y ~ x + {text}").random
    ]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("(1 | g)", [("1", "g", True)]),
        ("(x|g)", [("x", "g", True)]),
        ("(0 + x | g)", [("0 + x", "g", True)]),
        ("(1 + x || g)", [("1 + x", "g", False)]),
        ("(1 | a/b)", [("1", "a", True), ("1", "a:b", True)]),
        ("(1 | a/b/c)", [("1", "a", True), ("1", "a:b", True), ("1", "a:b:c", True)]),
        ("(1 | a:b)", [("1", "a:b", True)]),
        ("(1 | g) + (0 + x | g) + (1 | h)", [("1", "g", True), ("0 + x", "g", True), ("1", "h", True)]),
        ("(1 | `two words`)", [("1", "two words", True)]),
    ],
)  # fmt: skip
def test_each_random_form_becomes_its_terms(text, parts):
    assert random_parts(text) == parts


def test_fixed_part_keeps_what_is_no_random_term_or_offset():
    parsed = parse_formula("log(y.1) ~ a*b - 1 + (x | g) + I(z^2) + offset(log(n))")
    assert plain(parsed.fixed.text) == "+ a * b - 1 + I( z ** 2 )"
    assert plain(parsed.outcome.text) == "log( y.1 )"
    assert [plain(part.text) for part in parsed.offsets] == ["( log( n ) )"]
    assert parsed.columns == ("y.1", "a", "b", "z", "n", "x", "g")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("y + (1 | g)", "0 '~'"),
        ("~ x + (1 | g)", "1 '~'"),
        ("y ~ x", "no random term"),
        ("y ~ x + (1 | g", "brackets that do not match"),
        ("y ~ x) + (1 | g)", "brackets that do not match"),
        ("y ~ x + + (1 | g)", "nothing after '+'"),
        ("y ~ x - (1 | g)", "'- ( 1 | g )'"),
        ("y ~ x + 1 | g", "'1 | g'"),
        ("y ~ x * (1 | g)", "'x * ( 1 | g )'"),
        ("y ~ (1 | g | h)", "'( 1 | g | h )'"),
        ("y ~ ( | g)", "'( | g )'"),
        ("y ~ (1 | g + h)", "clusters 'g + h'"),
        ("y ~ (1 | a/b:c)", "clusters 'a / b : c'"),
        ("y ~ (1 | factor(g))", "clusters 'factor ( g )'"),
        ("y ~ (1 | )", "clusters ''"),
        ("y ~ (1 | g) + (1 | g)", "a random term of 'g' twice"),
        ("y ~ (1 | g) + (1 | g/h)", "a random term of 'g' twice"),
        ("cbind(y, n) ~ (1 | g)", "the function 'cbind'"),
        ("y ~ poly(x, 2) + (1 | g)", "the function 'poly'"),
        ("y ~ . + (1 | g)", "'.' for all columns"),
        ("y ~ a %in% b + (1 | g)", "'%'"),
        ("1 ~ x + (1 | g)", "the outcome '1'"),
        ("y ~ ar1(t | g)", "'ar1 ( t | g )'"),
    ],
)  # fmt: skip
def test_other_forms_are_refused_in_a_sentence(text, found):
    with pytest.raises(ConfigError) as refused:
        parse_formula(text)
    sentence = str(refused.value)
    assert sentence.startswith(f"formula '{text}' has {found}, expected ")
    assert "; " in sentence
