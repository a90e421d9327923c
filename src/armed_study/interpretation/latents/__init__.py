"""Latents of networks that encode: how they separate dates and phenotypes."""
