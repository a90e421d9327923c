"""Samples that are trained on, in memory or read when they are needed."""
