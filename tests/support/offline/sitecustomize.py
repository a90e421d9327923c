"""Python runs this at its start: from then on no socket reaches another machine.

A job of a run that is given the address of `forked_jobs` has itself run in a fork there.
"""

import json
import os
import socket
import sys


class Local(socket.socket):
    """A socket that connects within this machine only."""

    def connect(self, address):
        self._check(address)
        return super().connect(address)

    def connect_ex(self, address):
        self._check(address)
        return super().connect_ex(address)

    def _check(self, address):
        if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost"):
            raise OSError(f"the network is closed in this test, yet {address} is requested")


socket.socket = Local


def run_in_fork(script, address):
    """Have a script run with the streams, folder and environment of this process, and end as it does."""
    given = {"script": script, "path": sys.path, "folder": os.getcwd()}
    said = json.dumps({**given, "environment": dict(os.environ)}).encode()
    with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as server:
        server.connect(address)
        socket.send_fds(server, [said], [0, 1, 2])
        ended = server.recv(1)
    os._exit(ended[0] if ended else 1)  # killed, if it does not say


if "FORKED_JOBS" in os.environ and ".snakemake/scripts/" in sys.orig_argv[-1]:
    run_in_fork(sys.orig_argv[-1], os.environ["FORKED_JOBS"])
