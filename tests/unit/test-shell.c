/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/init/shell.h"
#include "lib/tree/backends.h"
#include "tests/unit/oom.h"
#include "tests/unit/unit.h"
#include "tests/unit/unittree.h"

/* What a script's commands and variables are: "LINE[ in FUNCTION]: WORD|WORD"
 * each, and "NAME=VALUE" of the variables at its end; what is not known is ?.
 */
static const struct {
  const char *text, *expected;
} cases[] = {
  { "# only a comment", "" },
  { "a b\nc;d e&&f", "1: a|b\n2: c\n2: d|e\n2: f\n" },
  { "A=1\nB=\"$A 2\" # x\nrun $B \"$B\" '$B'",
    "3: run|1|2|1 2|$B\nA=1\nB=1 2\n" },
  { "A=a\\\nb\nrun x\\\n y", "3: run|x|y\nA=ab\n" },
  { "D=/usr/sbin/x\nrun ${D##*/} ${D%/*} ${D#/usr} ${N:-none} ${D:+set}",
    "2: run|x|/usr/sbin|/sbin/x|none|set\nD=/usr/sbin/x\n" },
  { ": ${X:=late}\nrun $X", "1: :|late\n2: run|late\nX=late\n" },
  { "P=$(cat /run/x)\nQ=`id`\nrun $P \"${P}y\" $@ $? ${X/a/b}",
    "3: run|?|?y|?|?|?\nP=?\nQ=?\n" },
  { "run $1 $2 ${1}x\nf () { run $1; }",
    "1: run|start|startx\n2 in f: run|?\n" },
  { "A=1\nif true; then A=2; B=3; fi\n[ -n \"$C\" ] || C=4\ntrue && A=5",
    "2: true\n3: [|-n||]\n4: true\nA=1\nB=3\nC=4\n" },
  { "f () {\n  V=1\n  go \"$V\"\n}\ng()\n{\n  stop\n}\nf",
    "3 in f: go|1\n7 in g: stop\n9: f\nV=1\n" },
  { "case $X in\n  start) go 2>&1 >/dev/null ;;\n  *) no ;;\nesac\nend",
    "2: start\n2: go\n3: *\n3: no\n5: end\n" },
  { "cat <<EOF\nA=1\nEOF\nB=2\ncat <<-'X'\n\tx\n\tX\nC=3",
    "1: cat\n5: cat\nB=2\nC=3\n" },
  { "export A=1 B=\"x y\"\nC+=z\nC+=z\nL=(a \"b c\" !d)\nexec $A",
    "5: 1\nA=1\nB=x y\nC=zz\nL=a b c !d\n" },
  { "for x in /etc/rcS.d/S*; do $x start; done",
    "1: /etc/rcS.d/S*|start\nx=/etc/rcS.d/S*\n" },
  { "N=x\n. /etc/default/$N\nrun $O", "3: run|-v|-d\nN=x\nO=-v -d\n" },
  { ". /etc/default/loop\nrun", "2: run\nn=1\n[cut]\n" },
  { ". /lib/other\nrun", "2: run\n" },
  { "exit 0\nrun", "1: exit|0\n" },
  { "A='unclosed\nrun", "A=unclosed\nrun\n" },
  { "run \"${A\nB=1", "1: run|?\n" },
  { "run $0 ${0##*/}", "1: run|/etc/init.d/me|me\n" },
};

static struct dc_memory_file files[] = {
  DIR (""),
  DIR ("etc"),
  DIR ("etc/default"),
  FILE ("etc/default/loop", "n=1\n. /etc/default/loop\n"),
  FILE ("etc/default/x", "O='-v -d'\n"),
  DIR ("lib"),
  FILE ("lib/other", "OTHER=1\n"),
};

static int
add (void *self, const struct dc_shell_command *command, struct dc_error *err)
{
  struct dc_buffer *b = self;

  if (dc_buffer_print (b, err, "%u%s%s: ", command->proof.line,
                       command->function != NULL ? " in " : "",
                       command->function != NULL ? command->function : "") < 0)
    return -1;
  for (size_t i = 0; i < command->words->count; i++)
    if (dc_buffer_print (b, err, "%s%s", i > 0 ? "|" : "",
                         command->words->items[i]) < 0)
      return -1;
  return dc_buffer_print (b, err, "\n");
}

/* What is read of TEXT, into B. */
static int
read_all (const char *text, struct dc_tree *tree, struct dc_buffer *b,
          struct dc_error *err)
{
  size_t budget = DC_SHELL_TOTAL_MAX;
  struct dc_shell shell = {
    .tree = tree,
    .name = "/etc/init.d/me",
    .argument = "start",
    .read = add,
    .self = b,
    .budget = &budget,
  };

  int status = dc_shell_parse (&shell, text, strlen (text), "/x", err);
  for (size_t i = 0; i < shell.count && status == 0; i++)
    status = dc_buffer_print (b, err, "%s=%s\n", shell.variables[i].name,
                              shell.variables[i].value);
  if (status == 0 && shell.is_cut)
    status = dc_buffer_print (b, err, "[cut]\n");
  dc_shell_release (&shell);
  return status;
}

START_TEST (test_cases)
{
  struct dc_error err = { .code = DC_OK };
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  ck_assert_ok (read_all (cases[_i].text, tree, &b, &err));
  for (size_t i = 0; i < b.size; i++)
    if (b.data[i] == DC_SHELL_UNKNOWN)
      b.data[i] = '?';
  ck_assert_str_eq (dc_buffer_text (&b), cases[_i].expected);
}
END_TEST

/* A value that doubles itself ends at the limit, and the rest is read. */
START_TEST (test_limits)
{
  struct dc_error err = { .code = DC_OK };
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (1 << 20);
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (1 << 20);

  ck_assert_ok (dc_buffer_print (&text, &err, "A=0123456789abcdef\n"));
  for (unsigned i = 0; i < 40; i++)
    ck_assert_ok (dc_buffer_print (&text, &err, "A=$A$A\n"));
  for (unsigned i = 0; i < 1000; i++)
    ck_assert_ok (dc_buffer_print (&text, &err, "V%u=\n", i));
  ck_assert_ok (dc_buffer_print (&text, &err, "run \"${%s\n", "${${${${${"));
  ck_assert_ok (read_all (dc_buffer_text (&text), NULL, &b, &err));
  ck_assert (unit_contains (dc_buffer_text (&b), "[cut]"));
  ck_assert (unit_contains (dc_buffer_text (&b), "V510="));
  ck_assert (!unit_contains (dc_buffer_text (&b), "V511="));
  ck_assert (unit_contains (dc_buffer_text (&b), "run|"));
}
END_TEST

START_TEST (test_split)
{
  struct dc_error err = { .code = DC_OK };
  size_t budget = DC_SHELL_TOTAL_MAX;
  struct dc_shell shell = { .budget = &budget };
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  ck_assert_ok (
      dc_shell_set (&shell, "X", "1 2", (struct dc_proof){ "f", 1 }, &err));
  ck_assert_ok (dc_shell_split (&shell, " -a 'b c' $X \"$X\" ", &words, &err));
  ck_assert_uint_eq (words.count, 5);
  ck_assert_str_eq (words.items[1], "b c");
  ck_assert_str_eq (words.items[3], "2");
  ck_assert_str_eq (words.items[4], "1 2");
  dc_shell_release (&shell);
}
END_TEST

START_TEST (test_no_memory)
{
  struct dc_error err;
  static const char text[] = "A=1\nL=(a b)\nf () {\nrun \"${A:-x}\" $A "
                             "${A%1}\n}\n. /etc/default/x\nexport C=$O\n";
  DC_AUTO (dc_tree) *tree = NULL;

  ck_assert_ok (dc_tree_memory (files, DC_COUNT (files), &tree, &err));
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (65536);
  OOM_LOOP (status, read_all (text, tree, &b, &err))
  {
    ck_assert_int_eq (status, oom_has_failed () ? -1 : 0);
    dc_buffer_clear (&b);
  }
}
END_TEST

static void
add_tests (TCase *tcase)
{
  tcase_add_loop_test (tcase, test_cases, 0, (int) DC_COUNT (cases));
  tcase_add_test (tcase, test_limits);
  tcase_add_test (tcase, test_split);
  tcase_add_test (tcase, test_no_memory);
}

int
main (void)
{
  return unit_run ("shell", add_tests);
}
