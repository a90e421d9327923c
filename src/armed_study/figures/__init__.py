"""Figures of the studies: each module draws the tidy table of one figure."""
