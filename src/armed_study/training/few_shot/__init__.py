"""Samples of unseen clusters, scored with their effects integrated over or found from a few labelled ones."""
