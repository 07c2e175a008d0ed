"""Sockets that this machine listens on."""

from __future__ import annotations

import socket

from app.model.errors import ConfigError


def listen(host: str, port: int, setting: str) -> socket.socket:
    """A bound socket; taken before anything slow, so that a used port is known at once."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"cannot listen on {host}:{port}: {error.strerror}; "
            f"end the other program, or choose another with {setting}"
        ) from error
    return listener
