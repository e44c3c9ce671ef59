"""How files write the identity of a plugin, and the one way in which the catalogue keeps it (`Plugin.uid`)."""

from __future__ import annotations

import re
import uuid

_HEX_32 = re.compile(r"[0-9A-Fa-f]{32}")


def vst3_uid(text: str) -> str:
    """A class id in canonical order as 32 upper-case digits; empty where the text is none.

    >>> vst3_uid("{56535473-796C-3173-796C-656E74683100}")
    '56535473796C3173796C656E74683100'
    """
    digits = text.strip("{} \t").replace("-", "")
    return digits.upper() if _HEX_32.fullmatch(digits) and int(digits, 16) else ""


def vst3_uid_from_windows(raw: bytes) -> str:
    """A class id from the 16 bytes of a Windows GUID."""
    return vst3_uid(uuid.UUID(bytes_le=raw).hex) if len(raw) == 16 else ""


def vst3_uid_from_words(words: list[int]) -> str:
    """A class id from four 32-bit integers, signed or not, the most significant first."""
    return vst3_uid("".join(f"{word & 0xFFFFFFFF:08x}" for word in words)) if len(words) == 4 else ""


def four_characters(number: int) -> str:
    """The four characters of a VST2 number or of one code of an Audio Unit, which may be given as a negative number.

    Where a character cannot be printed: eight hexadecimal digits after `0x`.

    >>> four_characters(1449751649), four_characters(1), four_characters(0)
    ('Vita', '0x00000001', '')
    """
    number &= 0xFFFFFFFF
    text = number.to_bytes(4, "big").decode("latin-1")
    if not number:
        return ""
    return text if text.isascii() and text.isprintable() and text == text.strip() else f"0x{number:08X}"


def four_characters_or(text: str) -> str:
    """The same from a decimal number as text; empty where it is none.

    >>> four_characters_or("1937337393"), four_characters_or("-1"), four_characters_or("x")
    ('syl1', '0xFFFFFFFF', '')
    """
    number = whole_number(text)
    return four_characters(number) if number is not None else ""


def whole_number(text: str) -> int | None:
    """A decimal number, possibly negative, of up to 20 digits."""
    text = text.strip()
    return int(text) if re.fullmatch(r"-?[0-9]{1,20}", text) else None


def au_uid(*codes: str) -> str:
    """`type:subtype:manufacturer` of an Audio Unit from three codes or their numbers; empty where one is missing.

    >>> au_uid("1635083896", "1129009993", "1265530214"), au_uid("aufx", "CKSI")
    ('aufx:CKSI:Knuf', '')
    """
    texts = [code if len(code) == 4 and not code.isdigit() else four_characters_or(code) for code in codes[:3]]
    return ":".join(texts) if len(texts) == 3 and all(texts) else ""


def vst2_in_class_id(uid: str) -> str:
    """The four characters that Steinberg's class ids for former VST2 plugins hold; empty for another class id.

    The third byte is 45 in some files (FL Studio), which is the prefix of the edit controller's class.

    >>> vst2_in_class_id("5653545466733474756E656669736834"), vst2_in_class_id("84E8DE5F92554F5396FAE4133C935A18")
    ('Tfs4', '')
    """
    return (
        four_characters(int(uid[6:14], 16))
        if re.match("56535[45][0-9A-F]{8}", uid) and uid[:6] in _VST2_PREFIXES
        else ""
    )


_VST2_PREFIXES = ("565354", "565345")
