"""ARMED as estimators in scikit-learn's manner; see docs/estimators.md."""

try:
    from armed.sklearn.classifier import ARMEDClassifier
    from armed.sklearn.regressor import ARMEDRegressor
except ModuleNotFoundError as error:
    if error.name not in ("sklearn", "safetensors"):
        raise
    raise ModuleNotFoundError(
        f"armed.sklearn found no package {error.name!r}; expected scikit-learn and safetensors; install "
        "them: pip install 'armed-study[sklearn]'",
        name=error.name,
    ) from error

__all__ = ["ARMEDClassifier", "ARMEDRegressor"]
