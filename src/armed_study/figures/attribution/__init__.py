"""Figures of where networks find the outcome."""
