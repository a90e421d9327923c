"""A run as a Workflow Run RO-Crate: one archive of results, configuration, workflow, and what made them."""
