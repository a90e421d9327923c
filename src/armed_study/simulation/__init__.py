"""Generators of data with a known truth; one file per source, its Bayes classifier with it."""
