"""How settings of models are searched for: what may be written, and what a search of a model ranges over."""
