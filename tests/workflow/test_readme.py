"""The example of the README runs as it stands and does what it says."""

import re
from pathlib import Path

import pytest
import torch

from armed_study.config import methods

README = Path(__file__).resolve().parents[2] / "README.md"


def test_example_around_ones_own_network_learns_what_the_clusters_add():
    code, _ = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    names = {}
    torch.manual_seed(0)
    torch.set_num_threads(1)
    exec(code, names)
    right = {
        effect: ((score > 0.5) == (names["y"] > 0.5)).float().mean().item()
        for effect, score in names["scores"].items()
    }
    assert right["mixed"] > 0.9
    assert right["mixed"] > right["fixed"] + 0.1


@pytest.mark.parametrize("page", ["README.md", "CITATION.cff"])
def test_number_of_other_methods_is_that_of_those_found(page):
    words = (
        "eighteen",
        "nineteen",
        "twenty",
        "twenty-one",
        "twenty-two",
        "twenty-three",
        "twenty-four",
        "twenty-five",
        "twenty-six",
    )
    others = len(methods.available()) - 1
    text = " ".join((README.parent / page).read_text(encoding="utf-8").split())
    assert f"compares it with {words[others - 18]} other methods" in text
