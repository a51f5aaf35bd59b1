"""How does Envoy want things written?"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

Json: TypeAlias = "str | int | float | bool | Mapping[str, Json] | Sequence[Json] | None"
Object: TypeAlias = dict[str, Json]

ALWAYS: Object = {"default_value": {"numerator": 100}}


def typed(type_: str, /, **fields: Json) -> Object:
    return {"@type": f"type.googleapis.com/{type_}", **fields}


def extension(name: str, type_: str, /, **fields: Json) -> Object:
    return {"name": name, "typed_config": typed(type_, **fields)}


def http_filter(kind: str, message: str, *, name: str | None = None, **fields: Json) -> Object:
    """A filter of HTTP; several of one kind are told apart by their names."""
    return extension(
        f"envoy.filters.http.{name or kind}",
        f"envoy.extensions.filters.http.{kind}.v3.{message}",
        **fields,
    )


def socket(host: str, port: int) -> Object:
    return {"socket_address": {"address": host, "port_value": port}}


def file(path: Path) -> Object:
    return {"filename": str(path)}


def seconds(value: float) -> str:
    return f"{value:g}s"


def header_input(name: str) -> Object:
    return extension(name, "envoy.type.matcher.v3.HttpRequestHeaderMatchInput", header_name=name)


def header_matches(name: str, regex: str) -> Object:
    """A predicate on a header of the request; an absent header matches nothing."""
    value: Object = {"safe_regex": {"google_re2": {}, "regex": regex}}
    return {"single_predicate": {"input": header_input(name), "value_match": value}}


def unless(predicate: Object, filter_: Object) -> Object:
    """The filter, passed over by requests for which the predicate holds, whatever their route."""
    skip = extension("skip", "envoy.extensions.filters.common.matcher.action.v3.SkipFilter")
    return {
        "name": filter_["name"],
        "typed_config": typed(
            "envoy.extensions.common.matching.v3.ExtensionWithMatcher",
            extension_config=filter_,
            xds_matcher={
                "matcher_list": {
                    "matchers": [{"predicate": predicate, "on_match": {"action": skip}}]
                }
            },
        ),
    }
