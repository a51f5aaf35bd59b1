"""Envoy's configuration, one module per part of it."""
