"""The stage that engine tests share."""

from tests.stage import stage

__all__ = ["stage"]
