import study_tables
from armed_study.interpretation.reconstruction.appearance_by_date import compare_looks, readable
from armed_study.io.tables import empty_table
from armed_study.report.tables import to_html
from armed_study.vocabulary.measures import FRAME_MEASURES


def test_looks_are_told_with_intervals():
    words = readable(compare_looks(*study_tables.looks()))
    assert len(words) == 3 * len(FRAME_MEASURES)
    armed = words[words["model"] == "armed"].iloc[0]
    assert armed["share between dates, original"].startswith("0.9")
    assert words.loc[words["model"] == "conventional"].iloc[0].isna().sum() == 1
    assert (armed["cells"], armed["dates"]) == (81, 9)
    page = to_html(words, title="t")
    assert "ARMED, no adversary" in page
    assert "Signal to noise" in page


def test_nothing_reconstructed_gives_an_empty_page():
    nothing = compare_looks(empty_table("looks"), study_tables.cells(3))
    assert "<table" in to_html(readable(nothing), title="t")
