"""What is known of effects, and what is estimated of it: documented mixed models, simulated grids."""
