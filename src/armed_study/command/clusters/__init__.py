"""The report on the clusters of a table, and advice in words."""
