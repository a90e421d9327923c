"""Figures of reconstructions, latents and counterfactuals."""
