"""The example of the README runs as it stands and does what it says."""

import re
from pathlib import Path

import torch

README = Path(__file__).resolve().parents[2] / "README.md"


def test_example_around_ones_own_network_learns_what_the_clusters_add():
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
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
