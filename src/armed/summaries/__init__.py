"""What a mixed-model user asks of a fitted model: variances with intervals, shares, effects, predictions."""
