"""How well networks that reconstruct their input do so, and what their latents hold."""
