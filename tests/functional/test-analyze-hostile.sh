#!/bin/sh
# Guests that were made to hurt: each ends within a bounded time and 256 MiB,
# with a profile whose findings name what could not be read, or with one
# sentence.  DECANT_TEST_LONG=1: the full sizes.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 --version

SECONDS_MAX=30 # of processor time
MEMORY_MAX=$((256 * 1024 * 1024))

cat >make.py <<'END'
import io, os, sys, tarfile
name = sys.argv[1]
full = os.environ.get ('DECANT_TEST_LONG') == '1'
tar = tarfile.open (name + '.tar', 'w', format=tarfile.PAX_FORMAT)
seen = set ()

def add (path, data=b'', kind=tarfile.REGTYPE, target=''):
    entry = tarfile.TarInfo (path)
    entry.type, entry.size, entry.linkname = kind, len (data), target
    entry.mode, entry.mtime = 0o755, 1700000000
    tar.addfile (entry, io.BytesIO (data) if data else None)
def link (path, target): add (path, kind=tarfile.SYMTYPE, target=target)
def many (short, long): return long if full else short

UNITS = 'usr/lib/systemd/system/'
WANTS = 'etc/systemd/system/multi-user.target.wants/'
def base (release=b'ID=x\nVERSION_ID=1\n'):
    add ('usr/bin/sh', open ('/bin/cat', 'rb').read ())
    link ('bin', 'usr/bin')
    add ('etc/os-release', release)
    add (UNITS + 'default.target', b'[Unit]\nRequires=multi-user.target\n')
    add (UNITS + 'multi-user.target', b'[Unit]\n')

def os_release (): base (b'ID=x\n' + b'A="' + b'x' * (64 << 20) + b'"\n')
def passwd ():
    base ()
    add ('etc/passwd', b'root:x:0:0::/:/bin/sh\n' * many (1000000, 10000000))
def hosts ():
    base ()
    add ('etc/hosts', b'10.0.0.1 a b c\n' * many (1000000, 4000000))
def unit ():
    base ()
    add (UNITS + 'huge.service', b'[Service]\nExecStart=/bin/sh\n'
         + b'Environment=A=b\n' * (4 << 20))
    add (UNITS + 'line.service', b'[Service]\nExecStart=/bin/sh ' + b'\\\n' * 400000)
    link (WANTS + 'huge.service', '/' + UNITS + 'huge.service')
    link (WANTS + 'line.service', '/' + UNITS + 'line.service')
def units ():
    base ()
    count = many (10000, 100000)
    for i in range (count):
        other = f'u{(i + 1) % count}.service'.encode ()
        add (f'{UNITS}u{i}.service', b'[Unit]\nRequires=' + other + b'\nAfter='
             + other + b'\n[Service]\nExecStart=/bin/sh\n')
    link (WANTS + 'u0.service', '/' + UNITS + 'u0.service')
def crontabs ():
    base ()
    add ('usr/sbin/cron', b'x')
    add (UNITS + 'cron.service', b'[Service]\nExecStart=/usr/sbin/cron\n')
    link (WANTS + 'cron.service', '/' + UNITS + 'cron.service')
    for i in range (many (20000, 200000)):
        add (f'etc/cron.d/c{i}', b'* * * * * root /bin/sh\n')
def deep ():
    base ()
    for i in range (many (1000, 1300)):
        add ('a/' * (i + 1) + 'f', b'x')
def loops ():
    base ()
    link ('etc/loop', 'loop')
    link ('lib', 'lib')
    link ('etc/ld.so.conf', '../etc/ld.so.conf')
    link ('etc/passwd', 'passwd')
    link ('etc/fstab', '/proc/../etc/fstab')
    link (UNITS + 'a.service', 'b.service')
    link (UNITS + 'b.service', 'a.service')
    link (WANTS + 'a.service', '/' + UNITS + 'a.service')
    link ('etc/systemd/user', 'user')
    link ('home/x', '../home/x')
def etc_loop ():
    add ('usr/bin/sh', open ('/bin/cat', 'rb').read ())
    link ('etc', '/etc')

globals ()[name] ()
tar.close ()
END

# try NAME STATUS [FINDING]: the text on stdout or stderr holds FINDING.
try () {
  /usr/bin/python3 make.py "$1"
  status=0
  (
    ulimit -t "$SECONDS_MAX"
    exec "$top_srcdir/tests/bench/peak.py" "$decant" analyze --json \
      "tar:$1.tar"
  ) >out.json 2>err.txt || status=$?
  rm "$1.tar"
  peak=$(tail -n 1 err.txt)
  echo "$1: status $status, $((peak / 1024 / 1024)) MiB"
  [ "$status" = "$2" ] || fail "$1: status $status: $(head -n 3 err.txt)"
  [ "$peak" -lt "$MEMORY_MAX" ] || fail "$1 took $peak bytes"
  [ -z "${3-}" ] || cat out.json err.txt | grep -qE "$3" ||
    fail "$1: nothing says '$3'"
}

try os_release 0 '"text": ".*os-release'
try passwd 0 '"text": ".*passwd'
try hosts 0 '"text": ".*hosts'
try unit 0 '"text": ".*huge.service'
try units 0
try crontabs 0
try deep 0
try loops 0 '"text": ".*b.service'
try etc_loop 0 'no file says which distribution'
