"""Refusals as users read them: one sentence on what was found, what was expected and what to do."""

import pytest

from armed.errors import ArmedError


def refused(match="", kind=ArmedError):
    """Context in which such a refusal is raised, and the pattern found in it."""
    return pytest.raises(kind, match=rf"\A(?=.*(?:{match}))(?=.*expected).*; .*\Z")
