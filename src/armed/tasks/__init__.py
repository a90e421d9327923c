"""Tasks: what is predicted, its likelihood and its link."""
