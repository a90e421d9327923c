"""Figures of random effects and of the importance of features."""
