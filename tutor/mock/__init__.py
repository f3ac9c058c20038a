"""A stand-in for the Messages API: a pure function from request to reply, without sockets, threads or sleeping."""

from .respond import Mock, Reply, Request

__all__ = ["Mock", "Reply", "Request"]
