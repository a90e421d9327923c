"""The configuration: checked, and asked while the workflow is planned."""
