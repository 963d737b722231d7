"""Which addresses may be dialled: those of the public internet, and nothing else.

Pure policy. Asking a resolver, and the hosts an operator allows by name, belong to the guard.
"""

from __future__ import annotations

import re
import socket
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

Address = IPv4Address | IPv6Address

#: IANA's special-purpose registry for IPv4 with the reason in words, and the one metadata address that lies outside it
#: (168.63.129.16, Azure's). ``ipaddress.is_global`` is not used: what it says changed between patch releases of Python.
_REFUSED_V4: Final = tuple(
    (IPv4Network(network), reason)
    for network, reason in (
        ("0.0.0.0/8", "this host"),
        ("10.0.0.0/8", "private"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud's metadata service"),
        ("169.254.0.0/16", "link-local"),
        ("172.16.0.0/12", "private"),
        ("192.0.0.0/24", "reserved"),
        ("192.0.2.0/24", "documentation"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "private"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved"),
    )
)

#: Only 2000::/3 is global unicast. All that can carry an IPv4 address inside lies outside it (mapped, compatible,
#: NAT64) or is named here: Teredo is in 2001::/23.
_GLOBAL_V6: Final = IPv6Network("2000::/3")
_REFUSED_V6: Final = tuple(
    (IPv6Network(network), reason)
    for network, reason in (
        ("2001::/23", "reserved"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("3fff::/20", "documentation"),
    )
)

_NUMBERS: Final = re.compile(r"(?:0x[0-9a-f]*|[0-9]+)(?:\.(?:0x[0-9a-f]*|[0-9]+)){0,3}\Z", re.IGNORECASE)


def refusal(address: Address) -> str:
    """Why ``address`` may not be dialled, in a word or two; empty where it is public."""
    if isinstance(address, IPv4Address):
        return next((reason for network, reason in _REFUSED_V4 if address in network), "")
    if address.scope_id is not None:
        return "of one network interface"
    if address not in _GLOBAL_V6:
        return _local_v6(address)
    return next((reason for network, reason in _REFUSED_V6 if address in network), "")


def literal_address(host: str) -> Address | None:
    """The address that ``host`` is, in any form that some resolver takes for one; None where it is a name.

    Besides the usual forms these are the old ones of ``inet_aton``: ``127.1``, ``0x7f.1``, ``0177.0.0.1``,
    ``2130706433``. Raises ValueError where it can only be meant as an address and is none (``1.2.3.400``).
    """
    host = host.rstrip(".").strip("[]")
    if ":" in host:
        return ip_address(host.replace("%25", "%", 1))
    if not _NUMBERS.match(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError as error:
        raise ValueError(f"{host[:80]} is no address") from error


def _local_v6(address: IPv6Address) -> str:
    if address.is_loopback:
        return "loopback"
    if address.is_link_local:
        return "link-local"
    if address.is_multicast:
        return "multicast"
    if address.ipv4_mapped is not None:
        return "an IPv4 address in disguise"
    return "not public"
