"""The study as a paper that its tables write: numbers are looked up by name, verdicts follow intervals."""
