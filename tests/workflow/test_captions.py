"""What the report says of a study shows names and paths of the user as they are."""

import re
from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from jinja2 import Template

from armed_study.config import figures
from running import ROOT

CAPTIONS = sorted((ROOT / "workflow" / "report").glob("*.rst"))
AWKWARD = r"a*b* `c`_ d_ |e| _f g__ **h \i <b>j</b> & $k$ 100 % .. l:: [1]_.csv"
STUDY = "trial_"


def shown(template, **params):
    """The text that a reader sees, as Snakemake makes it of a caption."""
    splits = {"folds": 2, "seeds": 1}
    known = SimpleNamespace(
        wildcards=SimpleNamespace(study=STUDY),
        params=SimpleNamespace(**params),
        config={"studies": {STUDY: {"title": AWKWARD, "models": {}, "splits": splits}}},
    )
    html = publish_parts(Template(template).render(snakemake=known), writer="html")["html_body"]
    assert "system-message" not in html
    assert "problematic" not in html
    text = re.sub("<[^>]+>", "", html)
    for code, sign in (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(code, sign)
    return " ".join(text.split())


@pytest.mark.parametrize("path", CAPTIONS, ids=[path.stem for path in CAPTIONS])
def test_captions_show_titles_and_origins_as_they_are(path):
    template = path.read_text(encoding="utf-8")
    text = shown(template, data=figures.literal(AWKWARD), caption=figures.literal(AWKWARD))
    asked = {
        word for word in ("params.data", "params.caption", 'study["title"]') if word in template
    }
    assert text.count(AWKWARD) == len(asked)
    assert STUDY in text or "wildcards.study" not in template


@pytest.mark.parametrize("figure", figures.declared())
def test_captions_of_figures_show_the_study_as_it_is(figure):
    study = {"interpretation": {"threshold": 0.5, "samples": 8}}
    caption = figures.caption(figure, STUDY, study, known=True)
    assert STUDY in shown(caption)
