"""Stands in for the providers on a laptop and in tests, over real HTTP."""

from deploy.sandbox.app import create_app
from deploy.sandbox.server import serving
from deploy.sandbox.settings import Settings

__all__ = ["Settings", "create_app", "serving"]
