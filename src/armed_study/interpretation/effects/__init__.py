"""Learned random effects: summarised, and set against mixed models and the truth."""
