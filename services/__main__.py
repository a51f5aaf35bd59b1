"""Runs services in one process, all or those named: `python -m services order payment`."""

import pkgutil
import sys
from importlib import import_module
from pathlib import Path

from services.kit.app import run_until_stopped
from services.kit.settings import from_env
from services.kit.telemetry import start_logging, start_metrics


def names() -> list[str]:
    """Every service there is: the packages beside this file, but for the kit."""
    packages = pkgutil.iter_modules([str(Path(__file__).parent)])
    return sorted(module.name for module in packages if module.ispkg and module.name != "kit")


def main() -> None:
    start_logging()
    modules = {name: import_module(f"services.{name}.__main__") for name in sys.argv[1:] or names()}
    settings = {name: from_env(module.Settings, name) for name, module in modules.items()}
    start_metrics(next(iter(settings.values())).metrics_port)
    run_until_stopped([modules[name].running(settings[name]) for name in modules])


if __name__ == "__main__":
    main()
