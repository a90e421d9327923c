# Figures of what networks see in images: each with its tidy table, as SVG and PNG.
