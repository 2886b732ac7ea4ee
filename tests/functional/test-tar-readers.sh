#!/bin/sh
# What we write as a layer is what GNU tar, bsdtar, Python and our own reader
# find in it: names, modes, owners, times, links, attributes and content.
. "${0%/*}/functions.sh"
. "$top_srcdir/tests/functional/odd-tree.sh"
requires tar --version
requires bsdtar --version
requires /usr/bin/python3 -c 'import tarfile'
write=$top_builddir/tests/functional/write-tar
dump=$top_builddir/tests/functional/dump-tree

make_odd_tree
# Only an attribute's name can be as odd as this.
setfattr -n "user.a b$(printf '\303\251')" -v 1 c/meta/attributes
"$write" c >c.tar 2>digests
# No notes: what is left out is not in the archive either.
dump () { "$dump" "$1" >"$2.all" && grep -v '^note ' "$2.all" >"$2"; }

dump dir:c dir
dump tar:c.tar own
same_file dir own
same 'notes about the archive' 0 "$(grep -c '^note ' own.all)"

# GNU tar and bsdtar apply ACLs only from records that umoci drops, so ours
# are attributes, which the two know but do not set; mode bits stay.
# extracted FOLDER PATTERN: it is as the tree, but for these lines.
extracted () {
  dump "dir:$1" "$1.dump"
  grep -v "$2" dir >dir.some
  grep -v "$2" "$1.dump" >"$1.some" || :
  same_file dir.some "$1.some"
}
mkdir gnu
# In the order of paths "a-" stands between "a" and "a/z"; GNU tar takes a
# folder for complete when it has left it, unless told otherwise.
tar --xattrs --xattrs-include='*' --numeric-owner --delay-directory-restore \
  -xpf c.tar -C gnu 2>gnu.err
grep -vE 'time stamp' gnu.err && fail 'GNU tar complains'
extracted gnu posix_acl
tar --xattrs --xattrs-include='*' -tvvf c.tar 2>gnu.err >gnu.list
same 'ACLs that GNU tar lists' "$(grep -c posix_acl dir)" \
  "$(grep -c posix_acl gnu.list)"

mkdir bsd
bsdtar --numeric-owner -xpf c.tar -C bsd 2>bsd.err ||
  fail "bsdtar: $(cat bsd.err)"
# bsdtar does not set the time of "./", not from its own archives either.
extracted bsd 'posix_acl\|^/ '

# Python's reader sees the records themselves.
/usr/bin/python3 - >python <<'PYTHON'
import hashlib, sys, tarfile

def raw (text):
    return text.encode ('utf-8', 'surrogateescape')

def plain (text):
    return ''.join (chr (b) if 32 < b < 127 and b != 92 else '\\x%02X' % b
                    for b in raw (text))

types = {tarfile.REGTYPE: 0o100000, tarfile.DIRTYPE: 0o040000,
         tarfile.SYMTYPE: 0o120000, tarfile.FIFOTYPE: 0o010000}
with tarfile.open ('c.tar', encoding='utf-8') as tar:
    for member in tar:
        assert member.uname == '' and member.gname == '', member.name
        first = tar.getmember (member.linkname) if member.islnk () else member
        print ('/%s %06o %d:%d %d %d' % (
            plain (member.name if member.name != '.' else ''),
            types[first.type] | member.mode, member.uid, member.gid,
            first.size, member.mtime))
        if first.issym ():
            print ('  -> ' + plain (first.linkname))
        for key, value in member.pax_headers.items ():
            if key.startswith ('SCHILY.xattr.'):
                print ('  xattr %s=%s' % (key[13:], raw (value).hex ()))
        if first is not member:
            print ('  == /' + plain (first.name))
        if first is member and member.isreg ():
            content = tar.extractfile (member).read ()
            print ('  sha256:' + hashlib.sha256 (content).hexdigest ())
PYTHON
same_file dir python

for kind in gzip zstd; do
  "$write" c $kind >c.$kind 2>digests
  $kind -t <c.$kind || fail "$kind finds a fault"
  $kind -dc <c.$kind | cmp - c.tar || fail "$kind gives something else"
  same "digests ($kind)" "$(cat digests)" \
    "sha256:$(sha256sum <c.tar | cut -d' ' -f1) sha256:$(
      sha256sum <c.$kind | cut -d' ' -f1)"
done
