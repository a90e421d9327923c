"""What is said of models by their scores: everything of a study, tests between models, gains, the limit."""
