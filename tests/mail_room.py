"""A mail server on this machine that accepts everything and remembers the letters."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def receiving_letters() -> Iterator[tuple[str, list[str]]]:
    """Yield the address of the server, and the letters that it gets."""
    letters: list[str] = []
    room = type("Room", (MailRoom,), {"letters": letters})
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), room) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"smtp://127.0.0.1:{server.server_address[1]}", letters
        server.shutdown()


class MailRoom(socketserver.StreamRequestHandler):
    """One conversation with the server."""

    letters: list[str]

    def handle(self) -> None:
        self.wfile.write(b"220 ready\r\n")
        letter: list[str] = []
        in_letter = False
        for line in self.rfile:
            words = line.decode().rstrip("\r\n")
            if in_letter and words != ".":
                letter.append(words)
                continue
            in_letter = words.upper() == "DATA"
            if words == ".":
                self.letters.append("\n".join(letter))
            if words.upper() == "QUIT":
                self.wfile.write(b"221 bye\r\n")
                return
            self.wfile.write(b"354 go on\r\n" if in_letter else b"250 ok\r\n")
