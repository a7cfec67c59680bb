"""What TLS needs, looked at before anything is started."""

import ssl
from pathlib import Path

from lipwire_protocol import ErrorCode, LipwireError

__all__ = ["check_certificate"]


def check_certificate(certificate: Path | None, key: Path | None) -> None:
    """Raises LipwireError where a server could not use them; the message says what to do."""
    if certificate is None and key is None:
        return
    if certificate is None:
        raise _unusable("there is a key for TLS, but no certificate; name it with --tls-cert")
    try:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Without this, it would be asked for at a terminal where there may be nobody.
        context.load_cert_chain(certificate, key, password=_no_password)
    except ssl.SSLError as error:
        told = (error.reason or "").replace("_", " ").lower()
        reason = told or "there is no certificate with its key, in PEM"
        raise _unusable(
            f"{_named(certificate, key)}: {reason}; the certificate comes first, and its key, "
            "without a password, after it or in --tls-key"
        ) from error
    except OSError as error:
        raise _unusable(f"{_named(certificate, key)}: {error.strerror}") from error


def _no_password() -> str:
    return ""


def _named(certificate: Path, key: Path | None) -> str:
    return str(certificate) if key is None else f"{certificate} and {key}"


def _unusable(text: str) -> LipwireError:
    return LipwireError(ErrorCode.BAD_MESSAGE, f"TLS cannot be used: {text}")
