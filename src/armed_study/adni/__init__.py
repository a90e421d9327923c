"""The ADNIMERGE table of the Alzheimer's Disease Neuroimaging Initiative: columns, reader, labels."""
