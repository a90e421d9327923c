"""Progress of a run as one bar with an estimate of the time that is left: ``snakemake --logger bar``.

A logger plugin of Snakemake, which finds it on ``PYTHONPATH`` by the name of this package. Errors and
warnings are printed as ever, what each job reads and writes goes to the log in `.snakemake/log` alone.
Without a terminal there is a line whenever another twentieth of the jobs is done.
"""

import sys
import time
from collections import Counter, defaultdict
from logging import WARNING, LogRecord
from statistics import fmean
from typing import Any

from snakemake_interface_logger_plugins.base import LogHandlerBase
from snakemake_interface_logger_plugins.common import LogEvent
from tqdm import tqdm

_FAILURES = (LogEvent.ERROR, LogEvent.JOB_ERROR, LogEvent.GROUP_ERROR)
_LINES = 20
"""Lines of a whole run without a terminal."""


class Estimate:
    """What is left of a run, by the jobs that are done: those of one rule are taken to be equally long."""

    def __init__(self, jobs: dict[str, int], now: float) -> None:
        """Begin a run at time ``now`` (s) with so many ``jobs`` of each rule."""
        self._begun, self._left = now, Counter(jobs)
        self._running: dict[int, tuple[str, float]] = {}
        self._took: dict[str, list[float]] = defaultdict(list)

    def start(self, job: int, rule: str, now: float) -> None:
        """A job starts."""
        self._running[job] = rule, now

    def finish(self, job: int, now: float) -> None:
        """A job is done; one of which `start` was not told, as with ``--quiet rules``, tells nothing."""
        if job in self._running:
            rule, begun = self._running.pop(job)
            self._took[rule].append(now - begun)
            self._left[rule] -= 1

    def seconds_left(self, now: float) -> float | None:
        """Time (s) that is left if as much is done in a second as until ``now``; None before a job is done.

        Jobs of a rule of which none is done are taken to be as long as those of others are on average.
        """
        every = [seconds for own in self._took.values() for seconds in own]
        if not every:
            return None
        spent = sum(now - begun for _, begun in self._running.values())
        mean = {rule: fmean(self._took.get(rule, every)) for rule in self._left}
        work = sum(count * mean[rule] for rule, count in self._left.items())
        return (now - self._begun) * max(0.0, work - spent) / max(sum(every) + spent, 1e-9)


class LogHandler(LogHandlerBase):
    """Draws the bar on standard error, and prints errors and warnings."""

    writes_to_stream = True
    writes_to_file = has_filter = has_formatter = needs_rulegraph = False

    def __post_init__(self) -> None:
        """Wait for the jobs of a run to be known."""
        self._bar: tqdm[Any] | None = None
        self._estimate = Estimate({}, 0.0)

    def emit(self, record: LogRecord) -> None:
        """Take note of what has happened."""
        event, now = getattr(record, "event", None), time.monotonic()
        if self.common_settings.dryrun or record.levelno >= WARNING or event in _FAILURES:
            tqdm.write(self.format(record), file=sys.stderr)
        elif event == LogEvent.RUN_INFO:
            jobs = {rule: count for rule, count in vars(record)["stats"].items() if rule != "total"}
            self._estimate = Estimate(jobs, now)
            self._bar = tqdm(
                total=sum(jobs.values()), unit="job", file=sys.stderr, disable=not sys.stderr.isatty(),
                bar_format="{percentage:3.0f}%|{bar}| {n}/{total} jobs, {elapsed} gone{postfix}",
            )  # fmt: skip
        elif event == LogEvent.JOB_INFO:
            self._estimate.start(vars(record)["jobid"], vars(record)["rule_name"], now)
        elif event == LogEvent.JOB_FINISHED and self._bar is not None:
            self._estimate.finish(vars(record)["job_id"], now)
            self._advance(self._bar, now)

    def close(self) -> None:
        """Leave the bar as it is."""
        if self._bar is not None:
            self._bar.close()
        super().close()

    def _advance(self, bar: "tqdm[Any]", now: float) -> None:
        left = self._estimate.seconds_left(now)
        about = f"about {tqdm.format_interval(left)} left" if left is not None else ""
        if not bar.disable:
            bar.set_postfix_str(about, refresh=False)
            bar.update()
            return
        bar.n += 1  # which a bar that is not drawn does not count
        if bar.n * _LINES // bar.total > (bar.n - 1) * _LINES // bar.total:
            print(f"{bar.n} of {bar.total} jobs are done, {about}", file=sys.stderr, flush=True)
