"""How does a name look in an address? The only slug function there is."""

import re

from slugify import slugify

LONGEST_SLUG = 150


def slug_of(name: str, *, otherwise: str) -> str:
    """Lower-case words of a-z and 0-9 joined by "-"; `otherwise` if the name has none.

    Letters of other scripts are transliterated after NFKD.
    """
    slug = slugify(
        name,
        entities=False,
        decimal=False,
        hexadecimal=False,
        max_length=LONGEST_SLUG,
        backend="text-unidecode",
    )
    return slug or otherwise


def numbered(slug: str, number: int) -> str:
    """The slug of the first, second, third ... thing of that name."""
    return slug if number == 1 else f"{slug}-{number}"


def number_of(slug: str, base: str) -> int:
    """Which number a slug has among those of that base; 0 if it is of another."""
    match = re.fullmatch(f"{re.escape(base)}(?:-([1-9][0-9]*))?", slug)
    return int(match[1] or 1) if match else 0
