import re
from dataclasses import replace
from pathlib import Path

import sklearn

from armed.sklearn import building

PAGE = Path(__file__).parents[4] / "docs" / "estimators.md"


def test_code_of_the_page_on_estimators_runs(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    settings = building.fit_settings
    monkeypatch.setattr(
        building, "fit_settings", lambda *given: replace(settings(*given), epochs=2)
    )
    blocks, names = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL), {}
    with sklearn.config_context():
        for block in blocks:
            exec(block, names)
    assert len(blocks) == 4
    assert "clinic, 12" in capsys.readouterr().out
    assert names["same"].random_effects_ == names["model"].random_effects_
    # Two folds of sites, in each of which the inner two chose.
    assert len(names["scores"]["test_score"]) == 2
    assert (names["scores"]["test_score"] < 0).all()
