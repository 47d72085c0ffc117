"""Everything that can go wrong in a way the user can mend.

The command line prints the message of a FactcheckError as one line and exits with status 2::

    FactcheckError
    ├── InputError            a claim, a source file or a batch file cannot be used
    ├── ConfigError           models.toml, a setting or an option is wrong
    ├── ModelError            a model is missing, damaged, or died while it ran
    │   ├── ModelMissingError     not downloaded yet
    │   └── ModelHashError        its bytes are not the ones that models.toml names
    └── StoreError            the index cannot be opened, read or written
        └── StoreLockedError      another process is writing to it

A message says what happened, to which file or claim, and what to do next.
"""

from __future__ import annotations


class FactcheckError(Exception):
    """Base of every error with a message meant for the user."""


class InputError(FactcheckError):
    """A claim, a source file or a batch file cannot be used."""


class ConfigError(FactcheckError):
    """models.toml, a setting or an option is wrong."""


class ModelError(FactcheckError):
    """A model is missing, damaged, or died while it ran."""


class ModelMissingError(ModelError):
    """A model has not been downloaded yet."""


class ModelHashError(ModelError):
    """A model's bytes are not the ones that models.toml names."""


class StoreError(FactcheckError):
    """The index cannot be opened, read or written."""


class StoreLockedError(StoreError):
    """Another process is writing to the index."""
