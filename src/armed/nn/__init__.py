"""Layers, and how a network is looked into: recorded activations, replicas in a stack."""
