"""The rules of the warehouse. Pure: no clock, no database, no network."""
