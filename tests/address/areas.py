"""Two provinces in miniature."""

_NAMES = {
    "31": "DKI Jakarta",
    "31.74": "Kota Administrasi Jakarta Selatan",
    "31.74.07": "Kebayoran Baru",
    "35": "Jawa Timur",
    "35.04": "Tulungagung",
    "35.04.01": "Tulungagung",
}
_VILLAGES = {
    "31.74.07.1001": ("Melawai", "12160"),
    "31.74.07.1002": ("Gunung", "12120"),
    "35.04.01.1001": ("Kauman", "66218"),
}

AREAS: list[dict[str, str | None]] = [
    {
        "code": code,
        "parent_code": code.rpartition(".")[0] or None,
        "name": name,
        "postal_code": None,
    }
    for code, name in _NAMES.items()
] + [
    {"code": code, "parent_code": code.rpartition(".")[0], "name": name, "postal_code": postal_code}
    for code, (name, postal_code) in _VILLAGES.items()
]
