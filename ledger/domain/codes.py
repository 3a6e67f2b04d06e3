"""Codes that people say, type and scan: Crockford's base 32, without I, L, O and U, which are misread."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISREAD = str.maketrans("OIL", "011", "- ")


def spell(number: int, length: int) -> str:
    """The number's last `length` digits in base 32, lowest first."""
    characters = []
    for _ in range(length):
        number, digit = divmod(number, len(ALPHABET))
        characters.append(ALPHABET[digit])
    return "".join(characters)


def read(text: str, length: int) -> str | None:
    """The code somebody meant: in small letters, with hyphens and spaces, or O, I, L for 0, 1, 1. None: it is none.

    Source: Crockford's base 32, decoding.
    """
    code = text.upper().translate(_MISREAD)
    return code if len(code) == length and set(code) <= set(ALPHABET) else None
