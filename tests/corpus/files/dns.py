#!/usr/bin/python3
# dns.py NAME ADDRESS: fails unless the server on 127.0.0.1 says so, over UDP
# and over TCP.
import socket
import struct
import sys

name, address = sys.argv[1:]
question = b"".join (bytes ([len (label)]) + label.encode () for label in name.split ("."))
query = struct.pack (">6H", 4711, 0x0100, 1, 0, 0, 0) + question + b"\0\0\1\0\1"
wanted = socket.inet_aton (address)

udp = socket.socket (socket.AF_INET, socket.SOCK_DGRAM)
udp.settimeout (3)
udp.sendto (query, ("127.0.0.1", 53))
assert wanted in udp.recv (4096), "UDP"
tcp = socket.create_connection (("127.0.0.1", 53), 3)
tcp.sendall (struct.pack (">H", len (query)) + query)
size = struct.unpack (">H", tcp.recv (2))[0]
assert wanted in tcp.recv (size), "TCP"
