"""How are the paths of google.api.http written in OpenAPI?"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from gateway.openapi.schemas import camel

VARIABLE = re.compile(r"\{([^}=]+)\}")


@dataclass(frozen=True)
class Template:
    """A path, the names of its variables, the fields of the request that they are."""

    path: str
    names: tuple[str, ...]
    fields: tuple[str, ...]
    suffix: str


def variables(template: str) -> tuple[str, ...]:
    assert "=" not in template, f"no patterns in path variables: {template}"
    return tuple(VARIABLE.findall(template))


def names_by_shape(templates: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Paths of one shape are one path in OpenAPI: their variables share the shortest names."""
    found: dict[str, tuple[str, ...]] = {}
    for template in templates:
        names = tuple(_parameter(field) for field in variables(template))
        rivals = found.setdefault(shape(template), names)
        pairs = zip(names, rivals, strict=True)
        found[shape(template)] = tuple(min(pair, key=lambda n: (len(n), n)) for pair in pairs)
    return found


def shape(template: str) -> str:
    return VARIABLE.sub("{}", template)


def written(template: str, names: tuple[str, ...], suffix: str) -> Template:
    remaining = iter(names)
    path = VARIABLE.sub(lambda _: f"{{{next(remaining)}}}", template)
    return Template(path=path, names=names, fields=variables(template), suffix=suffix)


def _parameter(field: str) -> str:
    """product.id is productId, as product_id is."""
    return camel(field.replace(".", "_"))
