"""Claims that the workflow judges: what may be written of one, and what is planned of it."""
