"""The progress of a run as a bar, or as lines, with an estimate of what is left."""

import logging
from types import SimpleNamespace

import pytest
from snakemake_interface_logger_plugins.common import LogEvent
from snakemake_interface_logger_plugins.registry import LoggerPluginRegistry
from snakemake_logger_plugin_bar import Estimate, LogHandler

from running import ROOT


@pytest.fixture
def handler():
    return LogHandler(SimpleNamespace(dryrun=False), None)


def record(event=None, level=logging.INFO, **more):
    return logging.makeLogRecord({"levelno": level, "event": event, **more})


def test_estimate_is_exact_where_jobs_of_a_rule_take_equally_long():
    run = Estimate({"train": 3, "draw": 2}, now=100.0)
    assert run.seconds_left(104.0) is None
    for job, rule, begun, done in [(1, "train", 100.0, 110.0), (2, "draw", 110.0, 111.0)]:
        run.start(job, rule, begun)
        run.finish(job, done)
    assert run.seconds_left(111.0) == pytest.approx(10 + 10 + 1)
    run.start(3, "train", 111.0)
    assert run.seconds_left(115.0) == pytest.approx(6 + 10 + 1)


def test_estimate_knows_how_many_jobs_run_at_once():
    run = Estimate({"train": 6}, now=0.0)
    for job in (1, 2):
        run.start(job, "train", 0.0)
        run.finish(job, 10.0)
    assert run.seconds_left(10.0) == pytest.approx(20.0)


def test_lines_are_printed_without_a_terminal_a_twentieth_of_jobs_each(handler, capsys):
    handler.emit(record(LogEvent.RUN_INFO, stats={"train": 40, "total": 40}))
    for job in range(40):
        handler.emit(record(LogEvent.JOB_INFO, jobid=job, rule_name="train"))
        handler.emit(record(LogEvent.JOB_FINISHED, job_id=job))
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 20
    assert lines[0].startswith("2 of 40 jobs are done, about ")
    assert lines[-1].startswith("40 of 40 jobs are done")


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (record(LogEvent.JOB_ERROR, msg="it failed"), "it failed"),
        (record(level=logging.WARNING, msg="take care"), "take care"),
        (record(msg="Building DAG of jobs..."), ""),
    ],
)
def test_failures_and_warnings_are_printed_and_nothing_else(handler, capsys, given, shown):
    handler.emit(given)
    assert capsys.readouterr().err.strip() == shown


def test_make_study_asks_for_a_bar_that_snakemake_finds():
    assert "PYTHONPATH=workflow/loggers" in (ROOT / "Makefile").read_text()
    assert LoggerPluginRegistry().is_installed("bar")
