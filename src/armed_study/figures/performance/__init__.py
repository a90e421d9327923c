"""Figures of how well models predict."""
