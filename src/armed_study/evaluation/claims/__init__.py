"""Judging claims by contrasts of rows of a study's tables."""
