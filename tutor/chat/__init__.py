"""The tutor: a conversation beside the lesson, about the lesson."""

from tutor.chat.session import Chat, ChatState

__all__ = ["Chat", "ChatState"]
