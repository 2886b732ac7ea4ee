#!/bin/sh
# Fail where a command's help and its manual page do not name the same options,
# or a page lacks a part that every page has.
: "${top_srcdir:=.}"
: "${top_builddir:=.}"
bad=0
complain () { echo "$*"; bad=1; }

options_of_help () { grep -oE '^ +(-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+' | sort -u; }
# The items of the page, not options that its text mentions.
options_of_page () { grep -E '^=item B<-' "$1" | grep -oE -- '--[a-z-]+' | sort -u; }

for command in $("$top_builddir/decant" --help | awk '/^  [a-z]/ { print $1 }'); do
  page=$top_srcdir/doc/decant-$command.pod
  [ -f "$page" ] || { complain "there is no page for '$command'"; continue; }
  help=$("$top_builddir/decant" "$command" --help | options_of_help)
  written=$(options_of_page "$page")
  [ "$help" = "$written" ] || complain "$command: help has" $help", the page has" $written
done
for page in "$top_srcdir"/doc/*.pod; do
  for part in NAME SYNOPSIS DESCRIPTION EXAMPLES 'EXIT STATUS' 'SEE ALSO'; do
    case $page:$part in # no command
    */decant-units.pod:EX*) continue ;;
    esac
    grep -qx "=head1 $part" "$page" || complain "$page has no $part"
  done
  podchecker -warnings "$page" >/dev/null 2>&1 || complain "$page: podchecker finds mistakes"
done
exit $bad
