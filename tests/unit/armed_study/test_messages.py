"""Wording that errors share."""

import pytest

from armed_study.messages import counted


@pytest.mark.parametrize(("count", "text"), [(0, "0 folds"), (1, "1 fold"), (2000, "2,000 folds")])
def test_one_thing_is_no_plural(count: int, text: str) -> None:
    assert counted(count, "fold") == text
