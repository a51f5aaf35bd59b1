"""One module for each proto service."""
