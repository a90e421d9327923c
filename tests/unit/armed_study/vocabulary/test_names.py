import unicodedata

import pytest

from armed_study.vocabulary.names import form, plain, same_name


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("1", "1.0"), ("Köln", unicodedata.normalize("NFD", "Köln")), ("North", "NORTH"),
        ("San José", "San  José"), ("ward\u00a03", "ward 3"), ("\uff21\uff11", "A1"),
        ("Straße", "STRASSE"), ("soft\u00adware", "software"), ("-2.00", "-2"),
    ],
)  # fmt: skip
def test_forms_of_one_name_are_known_as_such(one, other):
    assert form(one) == form(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [("1.1", "1.10"), ("01", "1"), ("1.0.0", "1.0"), ("-1", "1"), ("a b", "ab"), ("é", "e")],
)
def test_different_names_are_not_forms_of_one(one, other):
    assert form(one) != form(other)


def test_plain_names_are_composed_without_blanks_around():
    assert plain("\u00a0 Ko\u0308ln\u3000\t\ufeff") == "Köln"


def test_a_name_is_found_in_its_only_other_form():
    assert same_name("köln ", ["Köln", "Bonn"]) == "Köln"
    assert same_name("north", ["North", "NORTH"]) == "north"
    assert same_name("North", ["North", "NORTH"]) == "North"
