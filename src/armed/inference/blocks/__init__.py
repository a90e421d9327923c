"""Linear predictors by blocks of clusters, and the linear system of all effects of a mixed model."""
