"""Methods without a network of which the validation part selects a setting, one file each."""
