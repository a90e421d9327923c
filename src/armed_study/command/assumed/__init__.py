"""What is assumed of a table that nobody has described: its form, columns, outcome, and the study of it."""
