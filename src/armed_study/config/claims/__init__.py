"""Claims that the workflow judges, and the paper: what is planned of each."""
