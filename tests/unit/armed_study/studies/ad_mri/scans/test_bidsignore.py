import pytest

from armed_study.studies.ad_mri.scans.bidsignore import FILE, BidsIgnore
from refusals import refused

FILES = (
    "sub-01/anat/sub-01_T1w.nii.gz", "sub-01/anat/sub-01_run-2_T1w.nii.gz",
    "sub-02/ses-1/anat/sub-02_ses-1_T1w.nii.gz", "sub-10/anat/sub-10_T1w.nii.gz",
    "derivatives/x/sub-01/anat/sub-01_T1w.nii.gz", "code",
)  # fmt: skip


def left_out(root, text):
    (root / FILE).write_bytes(text.encode())
    rules = BidsIgnore(root)
    return [place for place, name in enumerate(FILES) if rules.leaves_out(root / name)]


@pytest.mark.parametrize(
    ("text", "places"),
    [
        ("", []),
        ("# sub-01\n\n  \n/\n", []),
        ("*_run-2_T1w.nii.gz", [1]),
        ("sub-01", [0, 1, 4]),
        ("/sub-01", [0, 1]),
        ("sub-0*/\n", [0, 1, 2, 4]),
        ("/sub-??/anat/", [0, 1, 3]),
        ("sub-*/*/anat", [2]),
        ("**/anat/sub-01_T1w.*", [0, 4]),
        ("sub-02/**", [2]),
        ("derivatives/**/anat/*", [4]),
        ("sub-[01]1", [0, 1, 4]),
        ("sub-[^0]0\r\n", [3]),
        ("code/", []),
        ("code", [5]),
        ("anat/sub-01_T1w.nii.gz", []),
        ("*.nii.gz\n!*_run-2_*", [0, 2, 3, 4]),
        ("sub-01/\n!*_run-2_*", [0, 1, 4]),
        ("\\#x\n\\!y", []),
        ("SUB-01", []),
        ("\ufeffsub-10  ", [3]),
    ],
)
def test_patterns_leave_out_what_gitignore_would(tmp_path, text, places):
    assert left_out(tmp_path, text) == places


def test_without_rules_and_outside_the_tree_nothing_is_left_out(tmp_path):
    assert not BidsIgnore(tmp_path).leaves_out(tmp_path / FILES[0])
    (tmp_path / FILE).write_text("*")
    assert not BidsIgnore(tmp_path).leaves_out(tmp_path.parent / "other" / "x")


def test_rules_that_are_no_text_or_not_there_are_refused(tmp_path):
    (tmp_path / FILE).write_bytes(b"sub-\xff")
    with refused("which is not UTF-8"):
        BidsIgnore(tmp_path)
    (tmp_path / FILE).unlink()
    (tmp_path / FILE).symlink_to(".git/annex/objects/x")
    with refused("pointer of git-annex"):
        BidsIgnore(tmp_path)
