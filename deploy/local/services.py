"""Which services there are."""

import pkgutil
from pathlib import Path

SERVICES = Path(__file__).parents[2] / "services"


def service_names() -> list[str]:
    packages = (module.name for module in pkgutil.iter_modules([str(SERVICES)]) if module.ispkg)
    return sorted(name for name in packages if name != "kit")
