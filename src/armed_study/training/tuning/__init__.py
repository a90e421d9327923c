"""Settings of models, searched for on the training clusters of each fold alone."""
