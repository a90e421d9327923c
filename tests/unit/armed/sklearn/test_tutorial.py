import re
from pathlib import Path

import sklearn

PAGE = Path(__file__).parents[4] / "docs" / "estimators.md"


def test_code_of_the_page_on_estimators_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    blocks, names = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), {}
    with sklearn.config_context():
        for block in blocks:
            exec(block, names)
    assert len(blocks) == 4
    assert "clinic, 12" in capsys.readouterr().out
    assert names["same"].random_effects_ == names["model"].random_effects_
