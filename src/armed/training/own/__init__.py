"""What replicas of a stack need not share: their pace, and the weights of their losses."""
