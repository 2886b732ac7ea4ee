#!/bin/sh
# What tests/contract/recorded has is what systemd does: a new recording is
# the same.
. "${0%/*}/functions.sh"
requires_root
requires podman --version
requires runc --version
requires mmdebstrap --version
python=/usr/bin/python3

# Made once a build folder.
tree=$top_builddir/tests/work/contract-tree
mkdir -p "${tree%/*}"
[ -d "$tree" ] || {
  mmdebstrap --quiet --variant=minbase --include=systemd-sysv bookworm new ||
    skip 'a Debian tree cannot be made here'
  mv new "$tree"
}
$python "$top_srcdir/tests/contract/contract.py" systemd "$tree" \
  --build "$top_builddir" || fail 'systemd does something else now'
