"""All SQL of the payment service."""
