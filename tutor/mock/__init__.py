"""A stand-in for the Messages API: a pure function from request to reply, without sockets, threads or sleeping."""

from .reply import Reply, Request
from .respond import Mock

__all__ = ["Mock", "Reply", "Request"]
