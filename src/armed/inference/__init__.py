"""Posteriors and variances of random effects in closed form."""
