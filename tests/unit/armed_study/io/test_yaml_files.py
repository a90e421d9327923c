"""What YAML reads as something else than is written is refused by its line."""

from pathlib import Path

import pytest

from armed.errors import ConfigError
from armed_study.io.yaml_files import check_files
from refusals import refused

ROOT = Path(__file__).resolve().parents[4]


@pytest.mark.parametrize(
    "text",
    ["a: 1\nb: {c: 2}\na: 3\n", "b: {a: 1, c: 2, a: 3}\n", "b:\n- {a: 1}\n- a: 1\n  'a': 2\n",
     '{"b": {"a": 1, "a": 2}}'],
)  # fmt: skip
def test_a_key_that_a_file_has_twice_is_refused(tmp_path, text):
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"c\.yaml: key 'a' in line \d is there again in line \d"):
        check_files([tmp_path / "c.yaml"])


@pytest.mark.parametrize(
    ("written", "read"),
    [("012", 10), ("-07", -7), ("00", 0), ("0_17", 15), ("1:30", 90), ("1:30.5", 90.5)],
)
@pytest.mark.parametrize("place", ["a: {b: [x, %s]}", "a:\n- b: %s", "%s: a", '{"a": %s}'])
def test_numbers_to_the_base_8_or_60_are_refused_wherever_they_are(tmp_path, written, read, place):
    (tmp_path / "c.yaml").write_text(place % written, encoding="utf-8")
    with refused(rf"c\.yaml: line \d has {written}, .* {read}, .*'{written}'", ConfigError):
        check_files([tmp_path / "c.yaml"])


def test_numbers_and_words_that_yaml_reads_as_written_are_taken(tmp_path):
    text = "[\"012\", '1:30', !!str 012, 0, -0, 10, 089, 0.5, 0x1F, 1_000, 1e-3, 01-02, a:0]"
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    check_files([tmp_path / "c.yaml"])


def test_keys_of_different_blocks_and_merged_ones_are_no_repetition(tmp_path):
    text = "a: &x {b: 1, c: 2}\nd:\n  <<: *x\n  b: 3\ne: *x\n"
    (tmp_path / "c.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "tabs.yaml").write_text("a:\n\tb: 1\n", encoding="utf-8")
    files = [tmp_path / name for name in ("c.yaml", "tabs.yaml", "absent.yaml")]
    check_files([*files, *sorted((ROOT / "config").glob("*.yaml"))])
