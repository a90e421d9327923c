"""T1-weighted volumes made ready for a network: found, checked, registered, sliced, looked at."""
