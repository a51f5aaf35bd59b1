"""The rules of money in. Pure: no clock, no database, no network."""
