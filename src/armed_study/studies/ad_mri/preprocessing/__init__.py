"""From a scan to the image that a network gets."""
