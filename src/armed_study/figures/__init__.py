"""Figures of the studies: each module makes the tidy table of one figure, and draws it."""
