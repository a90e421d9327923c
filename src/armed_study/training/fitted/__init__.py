"""Trained models as fitted mixed models."""
