"""What models have learned: attribution, effects, latents, reconstructions, counterfactuals."""
