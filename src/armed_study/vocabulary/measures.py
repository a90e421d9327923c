"""Names of what images are measured and compared by, as the tables of studies of images hold them."""

# Sites of scans: levels that a measure is averaged over, and measures.
SITE, MANUFACTURER, ALL_SITES = "site", "manufacturer", "all sites"
SHARE_OF_AD = "share of AD"
RAW_MEASURES = ("raw_mean", "raw_contrast")  # of the scan, before scaling
SCAN_MEASURES = (*RAW_MEASURES, "intensity", "contrast", "edge_contrast")

SLICES_OF_EACH = 5  # images of each diagnosis that are shown of a seen site

# Appearance of frames and of their reconstructions, by date.
ORIGINAL, FIXED, MIXED = "original", "fixed", "mixed"
APPEARANCES = (ORIGINAL, MIXED, FIXED)
FRAME_MEASURES = ("brightness", "contrast", "sharpness", "snr")
MEAN, SHARE_BETWEEN_DATES = "mean", "share between dates"

# Counterfactual frames: the date that they are of, and errors against the rendering of that date.
OTHER_DATES, OWN_DATE = "other dates", "own date"
ERRORS = ("fixed", "mixed", "unchanged", "difference", "reduction")

# Methods of attribution, and scores of their maps against the true map of the disease.
ATTRIBUTIONS = {"gradcam": "Grad-CAM", "integrated_gradients": "Integrated gradients"}
TRUE_MAP = "True map at their resolution"
ATTRIBUTION_SCORES = {
    "auroc": "AUROC against the true map, in the brain",
    "inside": "Share of attribution inside the true map",
    "agreement": "Rank correlation with the other models",
    "empty": "Share of maps without any attribution",
}
