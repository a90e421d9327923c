"""Learning curves: models trained on parts of the training samples of the same folds."""
