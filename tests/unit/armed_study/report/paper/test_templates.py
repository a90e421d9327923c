"""No number of the paper is typed by hand: templates look all of them up."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

from armed_study import report
from armed_study.config import figures
from armed_study.report.paper.document import TEMPLATES, library

FOLDER = Path(report.__file__).parent / TEMPLATES
SOURCES = {path.name: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.md.j2"))}
SOURCES |= {name: said["finding"] for name, said in figures.declared().items() if said["finding"]}
SOURCES |= {name: about["says"] for name, about in library("models").items()}


def typed(source):
    """Digits in the text of a template, and numbers in it that no lookup is asked by."""
    tree = Environment().parse(source)
    asking = (nodes.Call, nodes.Import, nodes.Include)
    asked = {id(one) for call in tree.find_all(asking) for one in call.find_all(nodes.Const)}
    constants = [one for one in tree.find_all(nodes.Const) if id(one) not in asked]
    texts = [part.data for part in tree.find_all(nodes.TemplateData)]
    texts += [str(one.value) for one in constants if not isinstance(one.value, bool)]
    return [text for text in texts if re.search(r"\d", re.sub("lme4", "", text))]  # a name


@pytest.mark.parametrize("name", SOURCES)
def test_no_digit_is_typed_in_a_template(name):
    assert typed(SOURCES[name]) == []


def test_typed_digits_are_found_and_those_of_lookups_are_not():
    assert typed("AUROC is 0.86") == ["AUROC is 0.86"]
    assert typed("{{ 0.86 }}") == ["0.86"]
    assert typed("{% set x = '5 folds' %}{{ x }}") == ["5 folds"]
    assert typed("{{ value('mci/few_shot', shots=20) }}") == []
