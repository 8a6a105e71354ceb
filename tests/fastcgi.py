# SPDX-License-Identifier: BSD-2-Clause
"""FastCGI without nginx: requests that nginx would not send, or not finish."""
import socket
import struct

from harness import PATIENCE

BEGIN, END, PARAMS, STDIN, STDOUT = 1, 3, 4, 5, 6
KEEP_CONN = 1


def record(kind, data):
    return struct.pack(">BBHHBB", 1, kind, 1, len(data), 0, 0) + data


def pair(name, value):
    def length(n):
        return bytes([n]) if n < 128 else struct.pack(">I", n | 1 << 31)

    name, value = name.encode(), value.encode()
    return length(len(name)) + length(len(value)) + name + value


def params(method, path, **more):
    found = {"REQUEST_METHOD": method, "DOCUMENT_URI": path,
             "QUERY_STRING": "", "CONTENT_LENGTH": "",
             "REQUEST_ID": "0" * 32, **more}
    return b"".join(pair(k, v) for k, v in found.items())


def begin(flags=0):
    return record(BEGIN, struct.pack(">HB5x", 1, flags))


def connect(path):
    conn = socket.socket(socket.AF_UNIX)
    conn.settimeout(PATIENCE)
    conn.connect(path)
    return conn


def read_stdout(conn):
    """What the responder writes until it hangs up."""
    got = out = b""
    while piece := conn.recv(65536):
        got += piece
    while got:
        kind, size, pad = got[1], *struct.unpack(">HB", got[4:7])
        if kind == STDOUT:
            out += got[8:8 + size]
        got = got[8 + size + pad:]
    return out


def ask(conn, method, path, flags=KEEP_CONN):
    """One request of several over a connection; what is written to its end."""
    conn.sendall(begin(flags) + record(PARAMS, params(method, path))
                 + record(PARAMS, b"") + record(STDIN, b""))
    out, kind = b"", None
    with conn.makefile("rb") as stream:
        while kind != END:
            head = stream.read(8)
            assert head, f"closed behind {out!r}"
            kind, size, pad = head[1], *struct.unpack(">HB", head[4:7])
            data = stream.read(size + pad)[:size]
            out += data if kind == STDOUT else b""
    return out


def fastcgi(sock, method, path, body=b"", *, cut=False, **more):
    """One request; `cut`: the body's end never comes."""
    data = begin() + record(PARAMS, params(method, path, **more)) + record(
        PARAMS, b"")
    for i in range(0, len(body), 65000):
        data += record(STDIN, body[i:i + 65000])
    if not cut:
        data += record(STDIN, b"")
    with connect(sock) as conn:
        conn.sendall(data)
        conn.shutdown(socket.SHUT_WR)
        return read_stdout(conn)
