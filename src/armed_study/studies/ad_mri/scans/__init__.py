"""Trees of scans: what is in them, and the volumes themselves."""
