"""Random effects: of the linear predictor, of channels, and around a network."""
