#!/bin/sh
# Fail where the code leaves what HACKING.md says and a script can see.
: "${top_srcdir:=.}"
cd "$top_srcdir" || exit 99
# Not the guests that tests build, which have headers of their own.
sources=$(find lib templates analyzer runtime transform migrate cli tests \
  -path tests/work -prune -o -name '*.[ch]' -print 2>/dev/null | sort)
bad=0
complain () {
  [ -z "$2" ] || { echo "$1:"; echo "$2" | sed 's/^/  /'; bad=1; }
}

complain 'over 600 lines' "$(wc -l $sources | awk '$1 > 600 && $2 != "total"')"
# A body ends at a brace in column 1; the name is the line before its brace.
complain 'function over 70 lines' "$(awk '
  FNR == 1 { start = 0 }
  /^\{/ { start = FNR; name = before }
  /^\}/ { if (start && FNR - start > 71)
            print FILENAME ": " name " " FNR - start - 1; start = 0 }
  { before = $0 }' $sources)"
complain 'banned function' "$(grep -nE \
  '(^|[^a-z_])(strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|alloca|system|popen|gets) \(' \
  $sources | grep -vE ':[0-9]+: \*')"
complain 'fork outside run and confine' "$(grep -nE \
  '(^|[^a-z_])(fork|vfork|posix_spawnp?) \(' $sources |
  grep -vE '^(lib/run|lib/confine|runtime/init/|tests/)')"
complain 'a -1 made by hand' "$(grep -nE -A1 \
  '^[^*]*(errno|fprintf|perror) .*;$' $sources | grep -E 'return -1;' |
  grep -vE '^(runtime/init|tests)/')"
complain 'a library prints' "$(grep -nE \
  '(^|[^a-z_])(printf|puts|perror|fprintf) \(' $sources |
  grep -vE '^(cli|tests|runtime/init)/')"
complain 'no licence line' "$(grep -L 'SPDX-License-Identifier' $sources)"
complain 'a word that hides something unfinished' "$(grep -nwE \
  'TODO|FIXME|XXX|HACK' $sources)"
for readme in */README.md; do
  [ "$(wc -l <"$readme")" -le 20 ] || complain 'README over 20 lines' "$readme"
done
case $(clang-format --version 2>/dev/null) in
  *version\ 14.*)
    complain 'not as clang-format 14 has it' \
      "$(clang-format --dry-run $sources 2>&1 | grep -E 'warning' |
        cut -d: -f1,2 | head -20)" ;;
  *) echo 'clang-format 14 is not here: layout not checked' ;;
esac
exit $bad
