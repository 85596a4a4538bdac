"""Read by every Python that a test starts with `tests` on its path: guards its sockets."""

from support.socket_guard import install

install()
