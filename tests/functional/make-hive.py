#!/usr/bin/python3
# make-hive.py FILE: the smallest hive of the Windows registry that hivex can
# write into: one bin with the root key and its security descriptor.
import struct, sys

def cell (offset, data, size):
    return struct.pack ("<i", -size) + data.ljust (size - 4, b"\0")

# An absent owner, group and lists: a descriptor in its relative form.
descriptor = struct.pack ("<BBHIIII", 1, 0, 0x8000, 0, 0, 0, 0)
root_at, sk_at = 0x20, 0x20 + 0x60
sk = struct.pack ("<2sHIIII", b"sk", 0, sk_at, sk_at, 1, len (descriptor)) + \
    descriptor
root = struct.pack ("<2sHQIIIIIIIIIIIIIIIHH", b"nk", 0x2C, 0, 0, 0, 0, 0,
                    0xFFFFFFFF, 0xFFFFFFFF, 0, 0xFFFFFFFF, sk_at, 0xFFFFFFFF,
                    0, 0, 0, 0, 0, 4, 0) + b"ROOT"
used = sk_at + 0x30
body = cell (root_at, root, 0x60) + cell (sk_at, sk, 0x30)
rest = 4096 - 0x20 - len (body)
bin_ = struct.pack ("<4sIIQQI", b"hbin", 0, 4096, 0, 0, 0) + body + \
    struct.pack ("<i", rest) + b"\0" * (rest - 4)
head = struct.pack ("<4sIIQIIIIII", b"regf", 1, 1, 0, 1, 3, 0, 1, root_at, 4096)
head += struct.pack ("<I", 1)
head = head.ljust (508, b"\0")
check = 0
for word in struct.unpack ("<127I", head):
    check ^= word
head = (head + struct.pack ("<I", check)).ljust (4096, b"\0")
assert used <= 4096 and len (bin_) == 4096
open (sys.argv[1], "wb").write (head + bin_)
