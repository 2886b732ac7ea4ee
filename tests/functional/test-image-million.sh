#!/bin/sh
# A guest of a million files: all our processes together stay below 256 MiB.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 --version

/usr/bin/python3 - <<'END'
import io, tarfile
tar = tarfile.open ('million.tar', 'w', format=tarfile.PAX_FORMAT)
def add (name, data=b'', kind=tarfile.REGTYPE):
    entry = tarfile.TarInfo (name)
    entry.type, entry.size, entry.mode, entry.mtime = kind, len (data), 0o755, 1700000000
    tar.addfile (entry, io.BytesIO (data) if data else None)
add ('etc', kind=tarfile.DIRTYPE)
add ('etc/os-release', b'ID=big\nVERSION_ID=1\n')
add ('bin', kind=tarfile.DIRTYPE)
add ('bin/sh', open ('/bin/cat', 'rb').read ())
for folder in range (1000):
    add (f'srv/some-folder-{folder:04}', kind=tarfile.DIRTYPE)
    for file in range (1000):
        add (f'srv/some-folder-{folder:04}/a-file-with-a-name-{file:05}.txt')
tar.close ()
END
for command in 'analyze' 'image -o oci:out'; do
  "$top_srcdir/tests/bench/peak.py" "$decant" $command -q tar:million.tar >out.txt 2>peak.txt
  peak=$(tail -n 1 peak.txt)
  echo "$command: $((peak / 1024 / 1024)) MiB"
  [ "$peak" -lt $((256 * 1024 * 1024)) ] || fail "$command took $peak bytes"
done
