"""Measure brightness and contrast of the images of a study."""

from armed_study import logs

logs.start(snakemake.log[0], snakemake.threads)

from armed_study.dataset import ClusteredDataset
from armed_study.mri.measuring import measure_images
from armed_study.tables import read_table, write_table

dataset = ClusteredDataset.load(snakemake.input.samples)
qc = read_table(snakemake.input.qc, "qc")
measured = measure_images(dataset.images, dataset.samples["sample"], qc)
write_table(measured, snakemake.output.metrics, "image_metrics")
