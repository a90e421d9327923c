"""Pages of the documentation site: their code runs and does what they say; nothing is left out.

That the site is built, each of its pages is reached and every link leads somewhere, is checked by
`make site`, where a warning is an error.
"""

import re
from pathlib import Path

import pytest
from tools.site import figure_table
from tools.site.pages import DOCS, TUTORIALS, blocks, run

import armed
from armed_study.config import methods


def printed_numbers(text):
    return [float(number) for number in re.findall(r"(?<![\w.])-?\d+\.?\d*(?![\w.])", text)]


@pytest.fixture
def tutorial(request, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return run(DOCS / "tutorials" / f"{request.param}.md")


def tutorials(*names):
    return pytest.mark.parametrize("tutorial", names, indirect=True)


def test_every_tutorial_is_run_here():
    text = Path(__file__).read_text("utf-8")
    assert {page.stem for page in TUTORIALS} == set(
        re.findall(r"^@tutorials\(\"(\w+)\"\)", text, re.M)
    )


def test_spirals_are_ten_lines():
    (code,) = blocks(DOCS / "tutorials" / "spirals.md")
    assert len([line for line in code.splitlines() if line]) == 10
    assert all(len(line) <= 100 for line in code.splitlines())
    assert ";" not in code


@tutorials("spirals")
def test_slopes_by_site_tell_spirals_apart(tutorial):
    fixed, mixed = printed_numbers(tutorial.printed[0])
    assert mixed > 0.9
    assert mixed > fixed + 0.08
    page = (DOCS / "tutorials" / "spirals.md").read_text("utf-8")
    stated = printed_numbers(re.search(r"```text\n(.*?)```", page, re.DOTALL)[1])
    assert stated == pytest.approx([fixed, mixed], abs=0.03)


@tutorials("multi_centre")
def test_table_of_centres_has_the_variance_that_it_was_drawn_with(tutorial):
    sd, low, high = printed_numbers(tutorial.printed[1].split("intercept")[1])[1:4]
    assert low < 1 < high
    assert low < sd < high
    highest, new, low, high = printed_numbers(tutorial.printed[3])
    assert highest > new
    assert low < new < high
    same, out_of_centre = printed_numbers(tutorial.printed[4])
    assert same > out_of_centre > 0.65


@tutorials("images")
def test_images_in_a_folder_are_told_apart(tutorial):
    known, new = printed_numbers(tutorial.printed[3])
    assert known > 0.8
    assert new > 0.8
    assert tutorial.names["model"].watch == ("5",)


@tutorials("lme4")
def test_study_of_sleep_is_printed_as_lme4_prints_it(tutorial):
    page = (DOCS / "tutorials" / "lme4.md").read_text("utf-8")
    stated = re.search(r"```text\n(.*?)```", page, re.DOTALL)[1]
    words = re.compile(r"[-\d.]+")
    assert words.sub("#", tutorial.printed[0]) == words.sub("#", stated)
    assert printed_numbers(tutorial.printed[0]) == pytest.approx(printed_numbers(stated), rel=2e-3)
    # What print(lmer(Reaction ~ Days + (Days | Subject), sleepstudy)) says.
    assert printed_numbers(stated)[-2:] == [251.41, 10.47]
    assert "5.922" in stated
    # A network for the line finds the slopes of subjects, in the units that it was given.
    slope = tutorial.printed[1].split("linear_slope[0]")[1].split()[1]
    assert float(slope) * 56 / 2.9 == pytest.approx(5.922, rel=0.2)


@tutorials("add_method")
def test_method_of_the_tutorial_makes_clusters_alike(tutorial):
    without, by_ten = tutorial.names["losses"].values()
    assert by_ten["variance"] < without["variance"] / 2
    assert by_ten["outcome"] > without["outcome"]


def test_every_method_has_a_page_with_an_equation_and_its_limits():
    pages = {page.stem: page for page in (DOCS / "methods").glob("*/*.md")}
    assert pages.keys() == {*methods.available(), "membership"}
    for page in pages.values():
        text = page.read_text("utf-8")
        assert "$$" in text, page
        assert "**When not to use it.**" in text, page
        (code,) = re.findall(r"code is `(src/.+?)`", text)
        assert (DOCS.parent / code).exists(), page


def test_every_public_name_is_in_the_reference():
    text = "".join(page.read_text("utf-8") for page in (DOCS / "reference").glob("*.md"))
    named = re.findall(r":: armed\.(\w+)$", text, re.M)
    assert sorted(named) == armed.__all__


def test_how_figures_are_made_is_current():
    text = figure_table.PAGE.read_text("utf-8")
    assert figure_table.render(text) == text, "run `make docs`"
