"""The dataset of a study: its tables, and what of them a model is given."""
