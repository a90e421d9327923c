"""Validates an RO-Crate without a network; runs in the environment of ``requirements/validator.txt``.

Arguments: a crate, a profile, and a folder for what the validator would download: the JSON-LD context of
RO-Crate 1.1, which its older Python library ships.
"""

import io
import subprocess
import sys
from importlib.resources import files
from pathlib import Path

from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from urllib3.response import HTTPResponse

CONTEXT = "https://w3id.org/ro/crate/1.1/context"


class Shipped(HTTPAdapter):
    """Answers with the context that the library ships."""

    def send(self, request, **_):
        content = (files("rocrate") / "data" / "ro-crate.jsonld").read_bytes()
        headers = {"Content-Type": "application/ld+json"}
        body = HTTPResponse(io.BytesIO(content), headers, status=200, preload_content=False)
        return self.build_response(request, body)


if __name__ == "__main__":
    crate, profile, folder = sys.argv[1:]
    cache = str(Path(folder, "cache"))
    session = CachedSession(cache, backend="sqlite", expire_after=-1)
    session.mount(CONTEXT, Shipped())
    assert session.get(CONTEXT).json()["version"].startswith("1.1")
    command = [
        Path(sys.executable).parent / "rocrate-validator",
        "-y",
        "--disable-color",
        "validate",
    ]
    options = [
        "--offline",
        "--cache-path",
        cache,
        "-p",
        profile,
        "-l",
        "required",
        "-v",
        "--no-paging",
    ]
    sys.exit(subprocess.run([*command, *options, crate], check=False).returncode)
