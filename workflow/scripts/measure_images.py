"""Measure brightness and contrast of the images of a study."""

from armed_study import job

job.start(snakemake.log[0], snakemake.threads)

from armed_study.data.dataset import ClusteredDataset
from armed_study.io.tables import read_table, write_table
from armed_study.studies.ad_mri.qc.measuring import measure_images

dataset = ClusteredDataset.load(snakemake.input.samples)
qc = read_table(snakemake.input.qc, "qc")
measured = measure_images(dataset.images, dataset.samples["sample"], qc)
write_table(measured, snakemake.output.metrics, "image_metrics")
