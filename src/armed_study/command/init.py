"""`armed init`: the configuration of a study, written by a look at its table."""

import argparse
import textwrap
from collections.abc import Sequence
from pathlib import Path

from armed_study.command.assumed import configuration
from armed_study.command.request import assumed_study, read_as_study
from armed_study.messages import counted

_WIDTH = 12  # of the labels
_MOST_NOTES = 4


def init(options: argparse.Namespace) -> int:
    """Write a configuration and say what it assumes; returns 0.

    Raises
    ------
    ConfigError, DataError
        Before anything is written.
    """
    output = options.output or Path(f"{options.name or configuration.name_of(options.table)}.yaml")
    configuration.refuse_existing(output, force=options.force)
    name, assumed, config = assumed_study(options, output.parent)
    dataset, warned = read_as_study(name, config, output.parent)
    title = f"{options.table}: {len(dataset.samples):,} samples, {assumed.columns} columns."
    told = [title, "", *lines(assumed.notes), *lines(notes_of(warned))]
    heading = [
        f"Written by `armed init {options.table}`; the table was found to be:", "", *told[2:], "",
        "Change what is wrong; config/README.md explains every key. Then:", f"    armed check {output}",
        f"    armed run {output}", "",
    ]  # fmt: skip
    configuration.save(configuration.text_of(config, heading), output)
    models = ", ".join(config["studies"][name]["models"])
    print("\n".join([*told, *lines([("models", models)])]))
    print(f"\nWrote {output}. Look at it, then: armed check {output}, armed run {output}.")
    return 0


def notes_of(warned: Sequence[str]) -> list[tuple[str, str]]:
    """Label the warnings of a table; of many only the first ones are shown, the log of the study has all."""
    shown = [("note", text) for text in warned[:_MOST_NOTES]]
    if more := len(warned) - len(shown):
        shown.append(
            ("note", f"{counted(more, 'further note')} of this sort in the log of prepare_dataset")
        )
    return shown


def lines(notes: Sequence[tuple[str, str]]) -> list[str]:
    """Labels and sentences as lines of at most 110 characters."""
    wrapped = textwrap.TextWrapper(
        110, subsequent_indent=" " * _WIDTH, break_long_words=False, break_on_hyphens=False
    )
    return [line for label, said in notes for line in wrapped.wrap(label.ljust(_WIDTH) + said)]
