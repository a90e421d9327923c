"""Where on an image a network finds the outcome, and whether that is where the disease is."""
