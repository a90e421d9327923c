"""Methods that make a network do well on clusters that it has not seen, without effects of the cluster."""
