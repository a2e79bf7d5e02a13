"""An outside token issuer, such as AWS Cognito: its key, its published keys and the tokens it hands out."""

import json
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

ISSUER = "https://issuer.example/pool"
CLIENT = "outsider"
KID = "outside-1"

KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)
STRANGE_KEY = rsa.generate_private_key(public_exponent=65_537, key_size=2_048)

JWKS = {
    "keys": [
        json.loads(RSAAlgorithm.to_jwk(KEY.public_key())) | {"kid": KID, "use": "sig", "alg": "RS256"},
    ]
}


def token(now: float, key: Any = KEY, kid: str = KID, **claims: Any) -> str:
    """Make a token as the issuer does; `now` is in seconds since 1970, claims of None are left out."""
    usual = {
        "iss": ISSUER,
        "sub": CLIENT,
        "client_id": CLIENT,
        "token_use": "access",
        "scope": "appointments/all",
        "iat": int(now),
        "exp": int(now) + 3600,
    }
    said = {name: value for name, value in (usual | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm="RS256", headers={"kid": kid})
