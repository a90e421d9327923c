"""Figures of the data, before any model."""
