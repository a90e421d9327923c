"""The words of the study, each stated once: names, order, colours, and which output is reported."""
