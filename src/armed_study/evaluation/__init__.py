"""From predictions to scores, intervals, tests and curves."""
