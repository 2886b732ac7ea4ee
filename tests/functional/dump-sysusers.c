/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-sysusers FOLDER: writes passwd and group of the guest in FOLDER, as
 * sysusers.d completes them, into passwd.new and group.new beside us; findings
 * on stderr.
 */

#include <fcntl.h>
#include <stdio.h>

#include "lib/tree/backends.h"
#include "transform/init/sysusers.h"

static int
dump (struct dc_tree *tree, const char *file, const char *name,
      const char *text, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (DC_USERS_SIZE_MAX);
  FILE *out = fopen (name, "w");

  if (out == NULL)
    return dc_fail_errno (err, "cannot write '%s'", name);
  const int status = text == NULL ? dc_tree_read_file (tree, file, &b, err) : 0;
  fputs (text != NULL ? text : dc_buffer_text (&b), out);
  return fclose (out) != 0 || status < 0 ? -1 : 0;
}

static int
run (const char *folder, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  DC_AUTO (dc_users) *users = NULL;
  DC_AUTO (dc_sysusers) *sysusers = NULL;
  AUTO_WORDS struct dc_words findings = { NULL, 0 };
  AUTO_CLOSE int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return dc_fail_errno (err, "cannot open '%s'", folder);
  if (dc_tree_dir (fd, &tree, err) < 0 ||
      dc_users_load (tree, &users, err) < 0 ||
      dc_sysusers_make (tree, users, "guest", &findings, &sysusers, err) < 0)
    return -1;
  for (size_t i = 0; i < findings.count; i++)
    fprintf (stderr, "%s\n", findings.items[i]);
  if (dump (tree, "etc/passwd", "passwd.new", sysusers->passwd, err) < 0)
    return -1;
  return dump (tree, "etc/group", "group.new", sysusers->group, err);
}

int
main (int argc, char **argv)
{
  struct dc_error err = { .code = DC_OK };

  if (argc != 2 || run (argv[1], &err) < 0) {
    fprintf (stderr, "%s\n", err.text);
    return 1;
  }
  return 0;
}
