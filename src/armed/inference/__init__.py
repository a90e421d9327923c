"""Posteriors of random effects in closed form."""
