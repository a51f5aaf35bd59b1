"""The documentation of the REST side, derived from the contracts."""
