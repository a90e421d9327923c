"""For networks and training loops of one's own: what is not said of them is found out."""
