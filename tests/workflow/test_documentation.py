"""What is generated in the documentation is current, and what it points to is there."""

import re
import shutil

import pytest
from tools import config_docs, workflow_docs
from tools.marked_sections import fill

from armed.errors import ConfigError
from running import CLAIMS, DEFAULT, ROOT, TINY_TABLE, succeed

PAGES = sorted(
    path
    for pattern in ("*.md", "*/README.md", "docs/*.md", "workflow/documentation.md")
    for path in ROOT.glob(pattern)
)


def test_reference_of_the_configuration_is_current():
    text = config_docs.README.read_text(encoding="utf-8")
    assert config_docs.render(text) == text, "run `make docs`"


def test_rules_and_file_formats_are_current():
    text = workflow_docs.DOCUMENTATION.read_text(encoding="utf-8")
    assert workflow_docs.render(text) == text, "run `make docs`"


def test_rule_graph_shows_the_rules_of_the_default_study(tmp_path):
    graph = succeed("--rulegraph", "dot", cwd=tmp_path, configs=[DEFAULT, CLAIMS])
    drawn = (ROOT / "workflow" / "rulegraph.svg").read_text(encoding="utf-8")
    now = sorted(re.findall(r'label = "(\w+)"', graph))
    assert sorted(re.findall(r"<text [^>]*>(\w+)</text>", drawn)) == now, "run `make docs`"
    assert drawn.count('class="edge"') == graph.count(" -> "), "run `make docs`"


def test_default_of_a_setting_is_that_of_the_code():
    assert re.search(
        r"^\| `batch_size` \| integer \| at least 1 \| `32` \|", config_docs.reference(), re.M
    )
    assert "`samples_per_cluster` (4)" in config_docs.method_table()


def test_section_without_markers_is_refused():
    with pytest.raises(ConfigError, match="begin rules"):
        fill("no markers here", "rules", "text")


def test_table_of_the_users_guide_can_be_planned_as_it_stands(tmp_path):
    text = config_docs.README.read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    shutil.copy(TINY_TABLE, tmp_path)
    (tmp_path / "tiny.csv").rename(tmp_path / "trial.csv")
    (tmp_path / "mine.yaml").write_text(block, encoding="utf-8")
    configs = (DEFAULT, tmp_path / "mine.yaml")
    planned = succeed("-n", "--", "trial", cwd=tmp_path, configs=configs)
    assert set(re.findall(r"wildcards: study=(\w+)", planned)) == {"trial"}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_of_a_page_lead_somewhere(page):
    targets = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
