"""Calls to others: only where they were allowed, only to whom the certificate names, and never for longer than said."""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from time import monotonic
from typing import Any

import pytest

from services.errors import Invalid, NotNow, Refused
from services.outbound import MOST_READ, allowed, named, post, read_address
from tests.receiver import NAME, TLS, Receiver, receiving


@pytest.fixture
def receiver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Receiver]:
    """A receiver that may be called and is trusted."""
    monkeypatch.setenv("SSL_CERT_FILE", str(TLS / "ca.pem"))
    with receiving() as found:
        allowed.set(found.named())
        yield found
    allowed.set(())


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every name leads to the addresses in here, one look-up after the other; the last stays."""
    answers = ["127.0.0.1"]

    def look_up(_name: str, port: int, **_more: Any) -> list[Any]:
        where = answers.pop(0) if len(answers) > 1 else answers[0]
        family = socket.AF_INET6 if ":" in where else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (where, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return answers


def call(url: str, seconds: int = 5) -> tuple[int, bytes]:
    return post(url, b"{}", {"Content-Type": "application/json"}, seconds=seconds)


def test_what_is_sent_arrives_and_what_is_answered_comes_back(receiver: Receiver) -> None:
    assert call(receiver.url) == (200, b'{"message": "All of it is in stock."}')
    (sent,) = receiver.calls
    assert (sent.path, sent.body) == ("/orders?shop=1", b"{}")
    assert sent.headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("", "The address has spaces or other characters that no web address has."),
        ("https://a.example/ x", "The address has spaces or other characters that no web address has."),
        ("https://a.example/\r\nHost: b", "The address has spaces or other characters that no web address has."),
        ("https://ä.example/", "The address has spaces or other characters that no web address has."),
        ("http://a.example/", "The address must begin with https://."),
        ("file:///etc/passwd", "The address must begin with https://."),
        ("https://me:secret@a.example/", "The address may hold no user name and no password."),
        ("https://a.example@b.example/", "The address may hold no user name and no password."),
        ("https://", "This is no web address."),
        ("https://a.example:x/", "This is no web address."),
        ("https://a.example\\@b.example/", "The address may hold no user name and no password."),
        ("https://a.example/#part", "This is no web address."),
        ("https://[::1/", "This is no web address."),
    ],
)
def test_what_is_no_address_to_call_is_told(url: str, sentence: str) -> None:
    with pytest.raises(Invalid) as raised:
        read_address(url)
    assert (raised.value.field, str(raised.value)) == ("url", sentence)


def test_nobody_is_called_who_was_not_named_with_that_port(receiver: Receiver) -> None:
    for url in ("https://b.example/", "https://127.0.0.2/"):
        with pytest.raises(Refused, match=r"The server may not call .* OUTBOUND_HOSTS"):
            call(url)
    with pytest.raises(Refused, match=rf"may call 127.0.0.1 on port {receiver.port} only, not on 443. It can be"):
        call("https://127.0.0.1/")
    allowed.set(())
    with pytest.raises(Refused, match=r"may not call"):
        call(receiver.url)
    assert receiver.calls == []


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1",
     "::1", "fe80::1", "fd00:ec2::254", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::1", "::"],
)  # fmt: skip
def test_a_name_may_not_lead_inside_unless_it_was_named_so(receiver: Receiver, names: list[str], address: str) -> None:
    allowed.set(receiver.named(NAME))
    names[:] = [address]
    with pytest.raises(Refused, match=f"{NAME}:{receiver.port} leads to {address}, which is") as raised:
        call(f"https://{NAME}:{receiver.port}/")
    assert not isinstance(raised.value, NotNow)


def test_a_name_that_was_named_with_its_network_may_lead_there_and_nowhere_else(
    receiver: Receiver, names: list[str]
) -> None:
    allowed.set(receiver.named(NAME, "127.0.0.0/8"))
    assert call(f"https://{NAME}:{receiver.port}/")[0] == 200
    for elsewhere in ("10.0.0.1", "93.184.215.14"):
        names[:] = [elsewhere]
        with pytest.raises(Refused, match=f"leads to {elsewhere}"):
            call(f"https://{NAME}:{receiver.port}/")


def test_a_second_answer_to_the_look_up_leads_nowhere(receiver: Receiver, names: list[str]) -> None:
    allowed.set(receiver.named(NAME, "127.0.0.1"))
    names[:] = ["127.0.0.1", "10.0.0.1"]
    assert call(f"https://{NAME}:{receiver.port}/")[0] == 200
    assert names == ["10.0.0.1"], "looked up once"


def test_the_certificate_must_be_trusted_and_of_the_name(
    receiver: Receiver, names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed.set(receiver.named("other.example", "127.0.0.1"))
    with pytest.raises(Refused, match=r"The certificate of other\.example cannot be trusted: Hostname mismatch"):
        call(f"https://other.example:{receiver.port}/")
    monkeypatch.setenv("SSL_CERT_FILE", "/dev/null")
    allowed.set(receiver.named())
    with pytest.raises(Refused, match=r"The certificate of 127\.0\.0\.1 cannot be trusted: unable to get") as raised:
        call(receiver.url)
    assert not isinstance(raised.value, NotNow)
    assert (receiver.calls, names) == ([], ["127.0.0.1"])


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(receiver: Receiver, status: int) -> None:
    receiver.answer((status, b""))
    with pytest.raises(Refused, match=r"answered with a redirect, which is not followed"):
        call(receiver.url)
    assert len(receiver.calls) == 1


def test_of_a_huge_answer_only_the_beginning_is_read(receiver: Receiver) -> None:
    def huge(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while not receiver.ended.is_set():
            handler.wfile.write(b"x" * MOST_READ)

    receiver.answer(huge)
    assert call(receiver.url) == (200, b"x" * MOST_READ)


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n", b""])
def test_an_answer_in_drips_ends_in_its_time(receiver: Receiver, beginning: bytes) -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(beginning)
        while not receiver.ended.wait(0.05):
            handler.wfile.write(b"x")

    receiver.answer(drip)
    begun = monotonic()
    with pytest.raises(NotNow, match=r"127.0.0.1 did not answer within 1 s\."):
        call(receiver.url, seconds=1)
    assert monotonic() - begun < 3


def nonsense(handler: BaseHTTPRequestHandler) -> None:
    handler.wfile.write(b"nonsense\r\n")


def test_nobody_there_and_nonsense_may_be_tried_again(receiver: Receiver, names: list[str]) -> None:
    receiver.answer(nonsense)
    with pytest.raises(NotNow, match=r"127\.0\.0\.1 cannot be reached: BadStatusLine"):
        call(receiver.url)
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        nobody = Receiver(closed.getsockname()[1])
        allowed.set(nobody.named())
        with pytest.raises(NotNow, match=r"127\.0\.0\.1 cannot be reached: Connection refused"):
            call(nobody.url)
    assert names == ["127.0.0.1"]


def test_a_name_that_is_not_known_may_be_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_asked: Any, **_more: Any) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fail)
    allowed.set(Receiver(443).named("a.example"))
    with pytest.raises(NotNow, match=r"The name a\.example cannot be looked up"):
        call("https://a.example/")
    allowed.set(())


def test_a_proxy_of_the_environment_is_not_used(receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert call(receiver.url)[0] == 200


def test_an_address_is_held_against_what_was_named_in_any_case() -> None:
    allowed.set(Receiver(443).named("a.example"))
    assert named(read_address("HTTPS://A.Example/x")).name == "a.example"
    allowed.set(())
