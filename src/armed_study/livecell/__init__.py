"""From folders of live-cell frames to images of a data set."""
