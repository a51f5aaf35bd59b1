"""All SQL of the warehouse service."""
