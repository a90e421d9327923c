"""What a cell would look like on another date: as a model reconstructs it, and as it is in truth."""
