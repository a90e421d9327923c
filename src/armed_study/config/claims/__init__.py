"""Claims that the workflow judges: what is planned of each."""
