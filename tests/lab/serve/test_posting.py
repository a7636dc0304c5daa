"""Posts and syslog links, as a receiver gets them."""

import asyncio
import ssl

import pytest
from tests.lab.serve.sinks import Posts, receiving

from abm_lab.serve.posting import Poster, Syslog, TargetError, parse


def test_a_post_that_is_refused_for_a_while_is_made_again() -> None:
    """A receiver that is busy for a moment would miss what it refused."""
    sink = Posts()

    async def post_all(port: int) -> None:
        poster = Poster(f"http://127.0.0.1:{port}/hooks?x=1", ssl.create_default_context())
        poster.first_wait_s = 0.01
        for number in range(12):
            await poster.post(b"%d" % number, "text/plain", {"X-Number": str(number)})
        await poster.close()

    with receiving(sink) as port:
        asyncio.run(post_all(port))
    assert [(path, headers["X-Number"], body) for path, headers, body in sink.taken] == [
        ("/hooks?x=1", str(number), b"%d" % number) for number in range(12)
    ]
    assert sink.asked == 14


def test_a_receiver_that_will_not_have_it_is_named() -> None:
    """A stream would end without a word, or go on for ever."""
    sink = Posts()
    sink.refuse_with, sink.asked = 403, 4

    async def post_one(url: str) -> None:
        poster = Poster(url, ssl.create_default_context())
        poster.first_wait_s = 0.01
        try:
            await poster.post(b"x", "text/plain")
        finally:
            await poster.close()

    with receiving(sink) as port, pytest.raises(TargetError, match="did not take it: HTTP 403"):
        asyncio.run(post_one(f"http://127.0.0.1:{port}/"))
    assert sink.asked == 5
    with pytest.raises(TargetError, match="did not take it"):
        asyncio.run(post_one("http://127.0.0.1:1/"))


@pytest.mark.parametrize("url", ["ftp://h/", "https://", "http://h:port/", "h:80"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """A misspelled address would fail when the first line is due."""
    with pytest.raises(TargetError):
        parse(url, "https", "http")
    with pytest.raises(TargetError, match="syslog"):
        Syslog("https://h/", ssl.create_default_context())
