"""Training: one loop for all methods, and for many replicas as one computation."""
