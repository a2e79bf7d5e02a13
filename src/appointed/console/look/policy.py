"""What a browser may do on our pages: nothing but what stands here (Content Security Policy Level 3)."""

from typing import Final
from urllib.parse import urlsplit

# Devices that the check uses here and the meeting in its frame.
DEVICES: Final = ("camera", "microphone", "display-capture", "autoplay", "fullscreen", "picture-in-picture")
OTHERS: Final = ("geolocation", "payment", "usb", "serial", "hid", "midi")


def policy(frame: str = "") -> dict[str, str]:
    """Give the headers of a page; `frame` is the one origin (scheme and authority) that it may show inside.

    No script and no style but our own files, nothing from other hosts, and nobody may frame us.
    """
    rules = {
        "default-src": "'none'",
        "script-src": "'self'",
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "frame-src": frame or "'none'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    allowed = f'(self "{frame}")' if frame else "(self)"
    features = [f"{name}={allowed}" for name in DEVICES] + [f"{name}=()" for name in OTHERS]
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in rules.items()),
        "Permissions-Policy": ", ".join(features),
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cache-Control": "no-store",
        "X-Robots-Tag": "noindex",
    }


def origin_of(url: str) -> str:
    """Give scheme and authority of an address, as a policy names them."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
