"""Scores on clusters never seen, by what is known of them."""
