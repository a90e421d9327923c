"""Adversaries: classifiers of the cluster from the activations of a network."""
