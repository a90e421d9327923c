"""Predictions and intervals for clusters that were not in training."""
