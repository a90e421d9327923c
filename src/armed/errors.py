"""Errors and warnings: each message says what was found, what was expected, what to do."""


class ArmedError(ValueError):
    """Any error that a user can mend: in the data, the configuration or the settings of a model."""


class ConfigError(ArmedError):
    """A setting is missing, misspelt or out of range."""


class DataError(ArmedError):
    """A file or a table is not what it was said to be."""


class LeakageError(DataError):
    """A sample or group stands on two sides of a split, or an unseen cluster in training."""


class TrainingError(ArmedError):
    """Training stopped because its loss was no longer a number."""


class ArmedWarning(UserWarning):
    """Something a reader of the results should know, though the computation goes on."""
