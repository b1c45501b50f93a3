"""The one way in which the server calls others: over HTTPS, and only the hosts that OUTBOUND_HOSTS names.

A name is looked up once, its addresses are held against what the host was named with, and the connection goes to
such an address, while TLS asks for the certificate of the name: a second answer to the look-up leads nowhere. Neither
redirects nor proxies are followed. All of a call, slow drips included, has to end within its time; only the look-up
keeps to the time of the system's resolver. Certificates are those that the system trusts, or `SSL_CERT_FILE` names.
"""

import re
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.client import HTTPException, HTTPSConnection
from io import BufferedReader, RawIOBase
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from time import monotonic
from typing import Any, NamedTuple, cast
from urllib.parse import urlsplit

from config import OutboundHost
from services.errors import Invalid, NotNow, Refused

MOST_READ = 64 * 1024
"""Bytes of an answer that are read; what follows is dropped."""
NAT64 = IPv6Network("64:ff9b::/96")

IpAddress = IPv4Address | IPv6Address


class Allowed:
    """The hosts that may be called."""

    def __init__(self) -> None:
        self._hosts: Mapping[tuple[str, int], OutboundHost] = {}

    def set(self, hosts: Sequence[OutboundHost]) -> None:
        """Allow these hosts and no others."""
        self._hosts = {(host.name, host.port): host for host in hosts}

    def find(self, name: str, port: int) -> OutboundHost | None:
        """Give how a host was named, if it was."""
        return self._hosts.get((name, port))

    def ports(self, name: str) -> Sequence[int]:
        """Give the ports on which a host may be called."""
        return sorted(port for host, port in self._hosts if host == name)


allowed = Allowed()


@dataclass(frozen=True)
class Target:
    """An address to call, taken apart: its host as OUTBOUND_HOSTS may name it, and what follows the host."""

    name: str
    port: int
    path: str

    @property
    def named(self) -> str:
        """The host as OUTBOUND_HOSTS has to name it: with its port, unless that is the usual one."""
        return self.name if self.port == 443 else f"{self.name}:{self.port}"


class Answer(NamedTuple):
    """What came back: the status, and the beginning of the body."""

    status: int
    body: bytes


def read_address(url: str) -> Target:
    """Take an address apart. Raises Invalid with a sentence for what is not to be called, whatever its host."""
    if not re.fullmatch(r"[!-~]+", url):
        raise Invalid("url", "The address has spaces or other characters that no web address has.")
    if not url.lower().startswith("https://"):
        raise Invalid("url", "The address must begin with https://.")
    try:
        parts = urlsplit(url)
        name, port = parts.hostname or "", parts.port or 443
    except ValueError:
        raise Invalid("url", "This is no web address.") from None
    if "@" in parts.netloc:
        raise Invalid("url", "The address may hold no user name and no password.")
    if not re.fullmatch(r"[a-z0-9.:-]+", name) or "\\" in url or parts.fragment:
        raise Invalid("url", "This is no web address.")
    path = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
    return Target(name, port, path)


def named(target: Target) -> OutboundHost:
    """Give how the host of an address was named. Raises Invalid for one that was not."""
    if host := allowed.find(target.name, target.port):
        return host
    if ports := allowed.ports(target.name):
        raise Invalid(
            "url",
            "The server may call %(host)s on port %(allowed)s only, not on %(port)d. "
            "It can be allowed by OUTBOUND_HOSTS.",
            host=target.name,
            allowed=", ".join(map(str, ports)),
            port=target.port,
        )
    raise Invalid("url", "The server may not call %(host)s. It can be allowed by OUTBOUND_HOSTS.", host=target.named)


def post(url: str, body: bytes, headers: Mapping[str, str], *, seconds: int) -> Answer:
    """Send a body and give the answer, whatever its status, but for redirects.

    Raises Refused for what may not be called or cannot be trusted, NotNow for what a later try may reach.
    """
    target = read_address(url)
    host, ends = named(target), monotonic() + seconds
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        with _connected(target, host, context, ends) as connected:
            connection = HTTPSConnection(target.name, target.port, context=context)
            connection.sock = cast(socket.socket, _Timed(connected, ends))
            connection.request("POST", target.path, body, {**headers, "Accept-Encoding": "identity"})
            answer = connection.getresponse()
            status, content = answer.status, answer.read(MOST_READ)
    except ssl.SSLCertVerificationError as error:
        raise Refused(
            "The certificate of %(host)s cannot be trusted: %(reason)s.",
            host=target.name,
            reason=error.verify_message.rstrip("."),
        ) from error
    except TimeoutError as error:
        raise NotNow("%(host)s did not answer within %(most)d s.", host=target.name, most=seconds) from error
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or getattr(error, "strerror", None) or type(error).__name__
        raise NotNow("%(host)s cannot be reached: %(reason)s.", host=target.name, reason=reason) from error
    if 300 <= status < 400:
        raise Refused("%(host)s answered with a redirect, which is not followed.", host=target.name)
    return Answer(status, content)


# ---- the connection ----


def _connected(target: Target, host: OutboundHost, context: ssl.SSLContext, ends: float) -> ssl.SSLSocket:
    last: OSError = OSError(f"no address of {target.name} answers")
    for family, address in _addresses(target, host):
        plain = socket.socket(family, socket.SOCK_STREAM)
        try:
            plain.settimeout(_left(ends))
            plain.connect(address)
            plain.settimeout(_left(ends))
            return context.wrap_socket(plain, server_hostname=target.name)
        except ssl.SSLCertVerificationError:
            plain.close()
            raise
        except OSError as error:
            plain.close()
            last = error
    raise last


def _left(ends: float) -> float:
    left = ends - monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def _addresses(target: Target, host: OutboundHost) -> Sequence[tuple[socket.AddressFamily, Any]]:
    """Look the host up, once, and give those of its addresses that it may lead to. Raises NotNow or Refused."""
    try:
        found = socket.getaddrinfo(target.name, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotNow("The name %(host)s cannot be looked up.", host=target.name) from error
    fitting = [(family, where) for family, _kind, _protocol, _name, where in found if _may_be_called(where[0], host)]
    if not fitting:
        raise Refused(
            "%(host)s leads to %(address)s, which is inside a network. "
            "If it shall be called, OUTBOUND_HOSTS must name it with that: %(host)s=%(address)s.",
            host=target.named,
            address=found[0][4][0],
        )
    return fitting


def _may_be_called(written: Any, host: OutboundHost) -> bool:
    address = _meant(ip_address(written))
    if host.inside is not None:
        return address in host.inside
    return address.is_global and not address.is_multicast


def _meant(address: IpAddress) -> IpAddress:
    """Give the IPv4 address that an IPv6 address may stand for."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour or address


class _Timed:
    """A connection of which everything has to end within its time: as much of a socket as `http.client` uses."""

    def __init__(self, connected: ssl.SSLSocket, ends: float) -> None:
        self._connected, self._ends = connected, ends

    def sendall(self, content: bytes) -> None:
        left = memoryview(content)
        while left:
            self._connected.settimeout(_left(self._ends))
            left = left[self._connected.send(left) :]

    def receive(self, room: memoryview) -> int:
        self._connected.settimeout(_left(self._ends))
        return self._connected.recv_into(room)

    def makefile(self, _mode: str) -> BufferedReader:
        return BufferedReader(_Received(self))

    def close(self) -> None:
        """Leave the connection open: the library closes it before it has read the body."""


class _Received(RawIOBase):
    def __init__(self, connected: _Timed) -> None:
        super().__init__()
        self._connected = connected

    def readable(self) -> bool:
        return True

    def readinto(self, room: Any) -> int:
        return self._connected.receive(room)
