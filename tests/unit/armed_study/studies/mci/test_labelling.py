import pytest

from armed.errors import ConfigError
from armed_study.io.tables import cast_table
from armed_study.studies.mci import labelling
from armed_study.studies.mci.labelling import fill_diagnoses, label_subjects
from armed_study.studies.mci.reading import read_adnimerge
from small_adni import LOST, PROGRESSIVE, STABLE, participant, table, write


@pytest.fixture
def labelled(tmp_path):
    """Function that labels participants; returns outcomes by RID, and the flow."""

    def of(*participants, protocol="proposed"):
        path = write(table(*participants), tmp_path / "ADNIMERGE.csv")
        subjects, flow = label_subjects(read_adnimerge(path), protocol)
        return subjects.set_index("RID")["outcome"].to_dict(), flow

    return of


def reasons(flow, stage=labelling.LABELLED):
    rows = flow[(flow["stage"] == stage) & (flow["reason"] != "")]
    return rows.set_index("reason")["count"].to_dict()


@pytest.mark.parametrize(
    "course",
    [
        {0: "MCI", 24: "Dementia"},
        {0: "MCI", 6: "Dementia", 24: "MCI"},  # once is enough
        {0: "MCI", 12: "Dementia"},  # and no visit after it is needed
        {0: None, 12: "Dementia", 36: "MCI"},
        {0: "MCI", 18: "MCI to Dementia", 24: None},
    ],
)
@pytest.mark.parametrize("protocol", ["proposed", "published"])
def test_dementia_at_any_visit_up_to_month_24_is_progression(labelled, course, protocol):
    assert labelled(participant(1, course=course), protocol=protocol)[0] == {1: 1.0}


@pytest.mark.parametrize(
    "course",
    [
        {0: "MCI", 24: "MCI"},
        {0: "MCI", 24: "CN", 36: "Dementia"},  # later progression does not count
        {0: "MCI", 36: "MCI"},
        {0: "MCI", 24: None, 30: None, 36: "CN", 48: "Dementia"},
        {0: "MCI", 18: "MCI", 24: None, 36: "MCI"},
        {0: None, 60: "MCI"},
    ],
)
def test_no_dementia_at_month_24_or_next_later_is_stability(labelled, course):
    assert labelled(participant(1, course=course))[0] == {1: 0.0}


@pytest.mark.parametrize(
    ("course", "reason"),
    [
        ({0: "MCI", 12: None, 24: None}, labelling.UNFOLLOWED),
        ({0: "MCI", 12: "MCI", 18: "CN"}, labelling.LOST),
        ({0: "MCI", 12: "MCI", 24: None, 36: None}, labelling.LOST),
        ({0: "MCI", 25: "Dementia"}, labelling.LATE),
        ({0: "MCI", 18: "MCI", 24: None, 36: "Dementia", 48: "MCI"}, labelling.LATE),
        ({0: "Dementia", 12: "Dementia", 24: "MCI"}, labelling.DEMENTED),
    ],
)
@pytest.mark.parametrize("protocol", ["proposed", "published"])
def test_others_are_left_out_and_counted_by_reason(labelled, course, reason, protocol):
    outcomes, flow = labelled(
        participant(1, course=course), participant(2, course=STABLE), protocol=protocol
    )
    assert outcomes == {2: 0.0}
    assert reasons(flow) == {reason: 1}


def test_only_early_and_late_mci_at_baseline_are_labelled(labelled):
    people = [participant(rid, group=group) for rid, group in enumerate(
        ["CN", "SMC", "EMCI", "LMCI", "AD", "CN", None], start=1)]  # fmt: skip
    outcomes, flow = labelled(*people)
    assert set(outcomes) == {3, 4}
    assert reasons(flow, labelling.MCI) == {
        "AD at baseline": 1, "CN at baseline": 2, "SMC at baseline": 1,
        "no diagnosis at baseline": 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("course", "proposed", "published"),
    [
        ({0: "MCI", 24: "MCI"}, {1: 0.0}, {}),
        ({0: "MCI", 24: "MCI", 36: None}, {1: 0.0}, {1: 0.0}),  # a visit, if without a diagnosis
        ({0: "MCI", 24: "MCI", 36: "MCI"}, {1: 0.0}, {1: 0.0}),
        ({0: "MCI", 36: "MCI"}, {1: 0.0}, {1: 0.0}),
        ({0: "MCI", 24: "Dementia"}, {1: 1.0}, {1: 1.0}),
    ],
)
def test_published_rule_drops_the_stable_without_a_later_visit(
    labelled, course, proposed, published
):
    assert labelled(participant(1, course=course))[0] == proposed
    outcomes, flow = labelled(participant(1, course=course), protocol="published")
    assert outcomes == published
    assert reasons(flow) == ({} if published else {labelling.NO_LATER: 1})


@pytest.mark.parametrize(
    ("given", "filled"),
    [
        (["MCI", None, "MCI"], ["MCI", "MCI", "MCI"]),
        (["MCI", None, None, "MCI"], ["MCI", "MCI", "MCI", "MCI"]),
        (["MCI", None, "Dementia"], ["MCI", None, "Dementia"]),
        ([None, "MCI", None], [None, "MCI", None]),
    ],
)
def test_a_missing_diagnosis_is_filled_where_its_neighbours_agree(given, filled):
    visits = participant(1, course=dict(zip(range(0, 48, 12), given, strict=False)))
    assert fill_diagnoses(visits).tolist() == filled
    other = table(visits, participant(2, course={0: given[-1]}))
    assert fill_diagnoses(other).tolist() == [*filled, given[-1]]


def test_every_participant_is_counted_once_at_every_stage(labelled):
    courses = (STABLE, PROGRESSIVE, LOST, {0: "MCI"}, {0: "MCI", 24: "MCI"})
    groups = ("CN", "EMCI", "EMCI")
    people = [participant(n, group=groups[n % 3], course=courses[n % 5]) for n in range(1, 40)]
    for protocol in labelling.PROTOCOLS:
        outcomes, flow = labelled(*people, protocol=protocol)
        cast_table(flow, "flow")
        totals = flow.groupby("order")["count"].sum().tolist()
        kept = flow.loc[flow["reason"] == "", "count"].tolist()
        assert totals == [39, *kept[:2]]
        assert (kept[0], kept[2]) == (39, len(outcomes))


def test_a_measure_is_the_first_value_in_time_and_an_unknown_protocol_is_refused(tmp_path):
    frame = participant(1, MMSE_bl=None)
    frame.loc[2:, "MMSE_bl"] = [27, 25]
    visits = read_adnimerge(write(frame, tmp_path / "a.csv"))
    assert label_subjects(visits)[0]["MMSE_bl"].tolist() == [27]
    with pytest.raises(ConfigError, match="'publishd', expected one of 'proposed', 'published'"):
        label_subjects(visits, "publishd")
