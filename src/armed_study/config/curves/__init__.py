"""Settings of learning curves."""
