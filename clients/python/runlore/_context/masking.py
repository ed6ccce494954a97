"""What must never be recorded: credentials in URLs, values of secrets on a command line, secret variables.

Masking works by names and by well-known formats, so it is a net and no proof: a secret that is passed as a bare
argument looks like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

MASK = "***"

#: The credentials of a URL end at the last `@` before its path.
_USER_INFO = re.compile(r"(?i)([a-z][a-z0-9+.-]*)://([^\s/?#'\"]*)@")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
_OPTION = re.compile(r"(?P<option>[-+~]*(?P<name>[A-Za-z][\w.@/-]*)=)(?P<value>.+)", re.S)
_ASSIGNMENT = re.compile(
    r"""(?P<name>[A-Za-z_][\w.-]*)(?P<sign>["']?\s*[:=]\s*)"""
    r"""(?P<value>[rbfuRBFU]{0,2}(?:\"{3}.*?\"{3}|'{3}.*?'{3}|"[^"]*"?|'[^']*'?)|(?:Bearer|Basic)\s+\S+|[^\s"'&;,)\]}]+)""",
    re.S,
)
_KNOWN_FORMATS = re.compile(
    r"""
      \b(?:AKIA|ASIA)[0-9A-Z]{16}\b                          # AWS
    | \bgh[pousr]_[A-Za-z0-9]{20,} | \bgithub_pat_\w{20,}    # GitHub
    | \bglpat-[\w-]{20,}                                     # GitLab
    | \bhf_[A-Za-z0-9]{20,}                                  # Hugging Face
    | \bsk-[\w-]{20,}                                        # OpenAI, Anthropic
    | \bxox[abeoprs]-[\w-]{10,}                              # Slack
    | \bAIza[\w-]{35}                                        # Google
    | \bnpm_[A-Za-z0-9]{30,} | \bpypi-[\w-]{30,}             # npm, PyPI
    | \beyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*                    # a JSON web token
    | -----BEGIN[ A-Z]*PRIVATE[ ]KEY-----.*?(?:-----END[ A-Z]*PRIVATE[ ]KEY-----|\Z)
    """,
    re.X | re.S,
)
_ANYWHERE = ("password", "passwd", "passphrase", "secret", "credential", "apikey", "accesskey", "privatekey")
_WORDS = {"auth", "authorization", "bearer", "cookie", "key", "keys", "pass", "pwd", "signature", "token", "tokens"}
_VARIABLES = re.compile(r"(?i)SECRET|TOKEN|PASSW|PASSPHRASE|KEY|CREDENTIAL|AUTH|COOKIE")


def is_secret_name(name: str) -> bool:
    """Whether an option or a key of this name, such as `db.apiKey` or `hf-token`, is likely to hold a secret."""
    words = [word.lower() for word in _WORD.findall(name)]
    joined = "".join(words)
    return any(part in joined for part in _ANYWHERE) or not _WORDS.isdisjoint(words)


def is_secret_variable(name: str) -> bool:
    """Whether an environment variable of this name is never recorded; stricter than for options."""
    return _VARIABLES.search(name) is not None


def without_credentials(text: str) -> str:
    """Return the text with the user and password of every URL in it left out; a bare user name of SSH stays."""

    def strip(found: re.Match[str]) -> str:
        scheme, user = found[1], found[2].partition(":")[0]
        if "ssh" in scheme.lower() and user and "@" not in user:
            return f"{scheme}://{user}@"
        return f"{scheme}://"

    return _USER_INFO.sub(strip, text)


def text(value: str) -> str:
    """Return the text with what looks like a secret masked: `password=x`, tokens of known formats, users of URLs."""
    return _KNOWN_FORMATS.sub(MASK, _ASSIGNMENT.sub(_mask_assignment, without_credentials(value)))


def arguments(given: Sequence[str]) -> list[str]:
    """Return a command line with the values of secret options masked: `--token X`, `--token=X`, `db.password=X`."""
    masked: list[str] = []
    before = ""
    for argument in given:
        option = _OPTION.fullmatch(argument)
        if before and not argument.startswith("-"):
            masked.append(argument if _is_count(before, argument) else MASK)
        elif option and is_secret_name(option["name"]) and not _is_count(option["name"], option["value"]):
            masked.append(option["option"] + MASK)
        else:
            masked.append(text(argument))
        # An option whose value is the next argument, unless that is an option too.
        before = argument if argument.startswith("-") and not option and is_secret_name(argument) else ""
    return masked


def _is_count(name: str, value: str) -> bool:
    """Whether this is the like of `--max-tokens 512`: a plural with a number, which is no secret."""
    return name.lower().endswith(("tokens", "keys")) and value.isdecimal()


def _mask_assignment(found: re.Match[str]) -> str:
    if not is_secret_name(found["name"]) or _is_count(found["name"], found["value"]):
        return found[0]
    return f"{found['name']}{found['sign']}{MASK}"
