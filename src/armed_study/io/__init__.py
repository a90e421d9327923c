"""Files: tables, arrays of images, parameters; written whole or not at all."""
