# The index of the applications, as C: what each is found by.  Run with the
# files of templates/apps/ as arguments.  It reads the lists at the top of a
# file, written "programs: [a, b]" in one line or several, which a test checks
# against what the YAML parser reads.
function finish_file() {
  if (!count) return
  print "  { \"" base ".yaml\", app_" count ", sizeof app_" count ", {"
  for (k = 1; k <= 4; k++)
    print "      (const char *const[]){ " list[keys[k]] "NULL },"
  print "    } },"
}
function add(text,   i, n, words) {
  done = index(text, "]")
  sub(/\].*/, "", text)
  n = split(text, words, ",")
  for (i = 1; i <= n; i++) {
    gsub(/^[ \t"]+|[ \t"]+$/, "", words[i])
    if (words[i] != "") list[key] = list[key] "\"" words[i] "\", "
  }
  if (done) key = ""
}
BEGIN {
  split("programs scripts units packages", keys, " ")
  for (i = 1; i < ARGC; i++) {
    name = ARGV[i]
    sub(/.*templates\//, "templates/", name)
    sub(/yaml$/, "inc", name)
    print "static const char app_" i "[] = {\n#include \"" name "\"\n};"
  }
  print "static const struct file files[] = {"
}
FNR == 1 {
  finish_file()
  count++
  base = FILENAME
  sub(/.*\//, "", base)
  sub(/\.yaml$/, "", base)
  for (k = 1; k <= 4; k++) list[keys[k]] = ""
  key = ""
}
key != "" { add($0); next }
match($0, /^[a-z]+: *\[/) {
  key = substr($0, 1, index($0, ":") - 1)
  add(substr($0, RLENGTH + 1))
}
END { finish_file(); print "};" }
