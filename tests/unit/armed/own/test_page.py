import re
from pathlib import Path

import torch

PAGE = Path(__file__).parents[4] / "docs" / "networks.md"


def test_code_of_the_page_on_networks_runs(capsys):
    blocks, names = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), {}
    assert len([line for line in blocks[0].splitlines() if line]) == 10
    # A few steps each, whatever the page says.
    short = blocks[0].replace("site)).model", "site), settings=QUICK).model")
    exec("from armed import FitSettings; QUICK = FitSettings(epochs=2, learning_rate=0.01)", names)
    torch.manual_seed(0)
    for block in [short, *blocks[1:]]:
        exec(block, names)
    assert len(blocks) == 5
    assert names["scores"]["mixed"].shape == names["new"].shape == (600,)
    assert "cluster, 12" in capsys.readouterr().out
    assert not names["backbone"][1].num_batches_tracked
    assert {term.name for term in names["terms"]} == {"mixed", "fixed", "kl", "cluster"}
