"""With a certificate that was made for this, and a key that opens nothing."""

from pathlib import Path

import pytest

from lipwire_protocol import LipwireError
from lipwire_server.edge.certificate import check_certificate

CERTIFICATE = """\
-----BEGIN CERTIFICATE-----
MIIBmzCCAUGgAwIBAgIULc8o68IMCtsUj3b676Umc3GHf+IwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMzAzMDQ1N1oYDzIxMjYxMDMw
MDMwNDU3WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAAQayuLnxUNQ8z3VwcwiCKew0Z4Igl3aauXYc3RGvUbnn7ozyZvWlwr5
VC5V5QH0kbLE0WVj+m05FZjiqQWbw2PLo28wbTAdBgNVHQ4EFgQU+yT6O+QODx/0
UwAmAum/s6zCNvowHwYDVR0jBBgwFoAU+yT6O+QODx/0UwAmAum/s6zCNvowDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSAAwRQIhAPTMXugJ3SauvwML8OsTCcr1soqjhXh0UmnqwiiRsxI3AiBp
wCpdUCuS7KopVRL2WCB1BjDoq5IpmeFkAS8TsSc2+g==
-----END CERTIFICATE-----
"""
KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgltaK63jVsy8v+Vb7
+HBcZu8OmpjJvfQWT4LdC4O2LTChRANCAAQayuLnxUNQ8z3VwcwiCKew0Z4Igl3a
auXYc3RGvUbnn7ozyZvWlwr5VC5V5QH0kbLE0WVj+m05FZjiqQWbw2PL
-----END PRIVATE KEY-----
"""
ANOTHER_KEY = """\
-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgLAkY7zbkb7S2d2eS
ix9QzStaA1XzQGR5qPNjcfN3uEOhRANCAARAls9xy4dG5bOTjx1M9J+/JnZVPI9g
tYXzIbQ5XH9XAB9L2LmfH3QfXots+KdgDzreF2/11+ajBXwDIDSvu7n/
-----END PRIVATE KEY-----
"""
ENCRYPTED_KEY = """\
-----BEGIN ENCRYPTED PRIVATE KEY-----
MIHsMFcGCSqGSIb3DQEFDTBKMCkGCSqGSIb3DQEFDDAcBAgFDVL6Vv+svwICCAAw
DAYIKoZIhvcNAgkFADAdBglghkgBZQMEASoEEOQA6WdHJI61oSA9ENTFL3cEgZDS
6RlQTY+HMkUeJIwTKFVYINYtJKw8D6f7wi0726Y8qyONX26BrFOH2CdnrTWYXbqX
sIV77Esw5gdLZz/+xY+DhayspqBsHCERp+6tqJ+1qCavdoYXIO7Jiwb4HNffQ8Or
tQA2KDzLCTBwJr4DzkPGV5wV7/iq9sZv5WkqLehd5zayvUjQ/l57lCMnabK5278=
-----END ENCRYPTED PRIVATE KEY-----
"""


def file(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_a_certificate_with_its_key_can_be_used(tmp_path: Path) -> None:
    certificate = file(tmp_path, "cert.pem", CERTIFICATE)
    check_certificate(certificate, file(tmp_path, "key.pem", KEY))
    check_certificate(file(tmp_path, "both.pem", CERTIFICATE + KEY), None)
    check_certificate(None, None)


@pytest.mark.parametrize(
    ("key", "reason"),
    [
        (ANOTHER_KEY, "key values mismatch"),
        (ENCRYPTED_KEY, "without a password"),
        ("no key", "PEM|no start line"),
        ("", "PEM|no start line"),
    ],
)
def test_a_key_that_does_not_fit_is_told_before_anything_starts(
    tmp_path: Path, key: str, reason: str
) -> None:
    certificate = file(tmp_path, "cert.pem", CERTIFICATE)
    with pytest.raises(LipwireError, match="--tls-key") as caught:
        check_certificate(certificate, file(tmp_path, "key.pem", key))
    caught.match(reason)


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    certificate = file(tmp_path, "cert.pem", CERTIFICATE)
    with pytest.raises(LipwireError, match=r"cert\.pem: .*--tls-key"):
        check_certificate(certificate, None)
    with pytest.raises(LipwireError, match=r"nowhere\.pem: No such file"):
        check_certificate(tmp_path / "nowhere.pem", None)
    with pytest.raises(LipwireError, match="--tls-cert"):
        check_certificate(None, file(tmp_path, "key.pem", KEY))
