from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.fetching.addresses import literal_address, refusal


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "0.1.2.3", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "168.63.129.16", "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.192", "192.0.2.1", "192.168.1.1",
        "192.88.99.1", "198.18.0.1", "198.19.255.255", "198.51.100.7", "203.0.113.7", "224.0.0.1", "239.255.255.250",
        "240.0.0.1", "255.255.255.255", "::", "::1", "::7f00:1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
        "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "100::1", "2001::1",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2", "2001:10::1", "2001:db8::1", "2002:7f00:1::", "2002:808:808::1",
        "3fff::1", "5f00::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "2606:4700::1111%eth0",
        "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused_with_a_reason(address):
    assert refusal(ip_address(address))


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "93.184.216.34", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0", "192.167.255.255",
     "223.255.255.255", "2606:4700:4700::1111", "2a00:1450:4001:81b::200e", "2001:4860:4860::8888", "2400:cb00::1"],
)  # fmt: skip
def test_a_public_address_is_not_refused(address):
    assert refusal(ip_address(address)) == ""


@given(st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6)))
def test_what_is_not_refused_is_nothing_that_the_standard_library_calls_private(address):
    if not refusal(address):
        kinds = ("private", "loopback", "link_local", "multicast", "reserved", "unspecified")
        assert [kind for kind in kinds if getattr(address, f"is_{kind}")] == []


@given(st.ip_addresses(v=4))
def test_an_ipv4_address_within_an_ipv6_address_is_always_refused(address):
    number = int(address)
    for outer in (number, 0xFFFF << 32 | number, 0x64FF9B << 96 | number, 0x2002 << 112 | number << 80):
        assert refusal(IPv6Address(outer))


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.1", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("0X7F000001", "127.0.0.1"), ("2130706433", "127.0.0.1"),
        ("0177.0.0.01", "127.0.0.1"), ("10.1", "10.0.0.1"), ("8.8.8.8.", "8.8.8.8"), ("0", "0.0.0.0"),
        ("::1", "::1"), ("[::1]", "::1"), ("fe80::1%25eth0", "fe80::1%eth0"),
    ],
)  # fmt: skip
def test_an_address_is_known_in_every_spelling(host, address):
    assert str(literal_address(host)) == address


@pytest.mark.parametrize("host", ["example.com", "1.example.com", "0x7f.example", "a", "1-2", "localhost", "x127.0.0.1"])
def test_a_name_is_no_address(host):
    assert literal_address(host) is None


@pytest.mark.parametrize("host", ["1.2.3.400", "256.256.256.256", "4294967296", "09.0.0.1", "1:2", "::g"])
def test_what_can_only_be_an_address_and_is_none_is_an_error(host):
    with pytest.raises(ValueError, match="address"):
        literal_address(host)


@given(st.integers(0, 2**32 - 1))
def test_a_number_is_the_address_that_a_resolver_would_make_of_it(number):
    assert literal_address(str(number)) == IPv4Address(number)
    assert literal_address(hex(number)) == IPv4Address(number)
