"""Figures of where gains come from, how far they go, and what they take."""
