"""Precision of all effects of a mixed model: blocks of one term and what the others share."""
