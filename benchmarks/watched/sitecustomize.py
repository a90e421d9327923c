"""Python runs this at the start of every process of a watched run: it notes where time went.

Standard library only. A line of JSON for each process is appended to the file named by
``ARMED_WATCHED``: what it ran, seconds from its creation to its end, those spent until its program began
and in import statements (wherever they stand), and those of the processor.
"""

import atexit
import builtins
import json
import os
import sys
import time

_CLOCK = time.CLOCK_BOOTTIME
_entered = time.clock_gettime(_CLOCK)


def _created() -> float:
    """Seconds since boot at which this process was created."""
    with open("/proc/self/stat", encoding="ascii") as file:
        ticks = int(file.read().rpartition(")")[2].split()[19])
    return ticks / os.sysconf("SC_CLK_TCK")


class _Imports:
    """Seconds spent in the outermost import statements of the main thread."""

    def __init__(self) -> None:
        self.seconds, self._depth = 0.0, 0
        self._original = builtins.__import__
        builtins.__import__ = self

    def __call__(self, *arguments, **named):
        if self._depth:
            return self._original(*arguments, **named)
        self._depth, began = 1, time.perf_counter()
        try:
            return self._original(*arguments, **named)
        finally:
            self._depth = 0
            self.seconds += time.perf_counter() - began


def _note(imports: _Imports, process: int) -> None:
    if os.getpid() != process:  # a fork of it: part of its work
        return
    created, ended = _created(), time.clock_gettime(_CLOCK)
    line = {
        "command": sys.orig_argv,
        "total": ended - created,
        "startup": _entered - created + imports.seconds,
        "processor": time.process_time(),
    }
    with open(os.environ["ARMED_WATCHED"], "a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


if "ARMED_WATCHED" in os.environ:
    atexit.register(_note, _Imports(), os.getpid())
