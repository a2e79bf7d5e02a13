"""RSA keys for tests, made once."""

from functools import cache

from cryptography.hazmat.primitives.asymmetric import rsa


@cache
def rsa_key(name: str, bits: int = 2_048) -> rsa.RSAPrivateKey:
    """Make the key of this name."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)
