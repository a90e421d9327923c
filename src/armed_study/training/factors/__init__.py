"""Random effects of networks, of the clusters of samples and of further factors."""
