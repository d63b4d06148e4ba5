"""A local server that speaks the Messages API and misbehaves on demand. Start reading at server.py."""

from tests.messages_server.server import MessagesServer, Recorded, reply_text

__all__ = ["MessagesServer", "Recorded", "reply_text"]
