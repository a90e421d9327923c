"""What several of these methods fit by."""
