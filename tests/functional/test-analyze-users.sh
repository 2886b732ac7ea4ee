#!/bin/sh
# Users and groups are what getent says, on this host's own files and on ones
# that a vandal wrote.
. "${0%/*}/functions.sh"
requires getent passwd root
dump=$top_builddir/tests/functional/dump-facts

mkdir -p root/etc
cp /etc/passwd /etc/group root/etc
# Only the "files" service; what it leaves out is no user.
getent -s files passwd | awk -F: '{
  print $1 "|" $3 "|" $4 "|" $6 "|" ($7 == "" ? "/bin/sh" : $7) }' >theirs
"$dump" root users | cut -d'|' -f1-5 >ours
same_file theirs ours
getent -s files group | awk -F: '{ print $1 "|" $3 "|" $4 }' >theirs
"$dump" root groups >ours
same_file theirs ours

# A million users, and one line without an end: bounded, and nothing is kept of
# what is too much.
awk 'BEGIN { for (i = 0; i < 1000000; i++) print "u:x:1:1:::" }' >root/etc/passwd
head -c 20000000 /dev/zero | tr '\0' , >root/etc/group
same 'users kept' 65536 "$("$dump" root users | wc -l)"
same 'groups kept' '' "$("$dump" root groups)"
head -c 40000000 /dev/zero | tr '\0' '\n' >root/etc/passwd
refuses 1 'limit' "$dump" root users
