"""Alembic's entry: the tables of the service that is being migrated."""

from importlib import import_module

from alembic import context

from services.kit import migrate

service = context.config.attributes["service"]
migrate.run(*import_module(f"services.{service}.tables").SCHEMA)
