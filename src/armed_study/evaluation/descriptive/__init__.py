"""What the data of a study are like, before any model."""
