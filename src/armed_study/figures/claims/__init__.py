"""Figures of what is claimed."""
