/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-machine ovf|vmx|domain FILE...: one line each, what the file says about
 * a machine as JSON, or "FILE: " and why it cannot be read.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/machine/domain.h"
#include "analyzer/machine/ovf.h"
#include "analyzer/machine/vmx.h"
#include "lib/file.h"

static const struct {
  const char *name;
  int (*parse) (const char *text, size_t size, struct dc_machine **out,
                struct dc_error *err);
} kinds[] = {
  { "ovf", dc_ovf_parse },
  { "vmx", dc_vmx_parse },
  { "domain", dc_domain_parse },
};

static int
dump (size_t kind, const char *path, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT ((size_t) 64 << 20);
  DC_AUTO (dc_machine) *machine = NULL;
  AUTO_CLOSE int fd = dc_file_open (AT_FDCWD, path, err);

  if (fd < 0 || dc_file_read_all (fd, &b, err) < 0 ||
      kinds[kind].parse (dc_buffer_text (&b), b.size, &machine, err) < 0)
    return -1;
  json_auto_t *json = dc_machine_json (machine, path);
  if (json == NULL || json_dumpf (json, stdout, JSON_COMPACT) < 0)
    return dc_fail (err, DC_ERR_SYSTEM, "cannot print");
  putchar ('\n');
  return 0;
}

int
main (int argc, char **argv)
{
  struct dc_error err;
  size_t kind = 0;

  while (argc > 1 && kind < DC_COUNT (kinds) &&
         strcmp (argv[1], kinds[kind].name) != 0)
    kind++;
  if (argc < 3 || kind == DC_COUNT (kinds)) {
    fprintf (stderr, "usage: dump-machine ovf|vmx|domain FILE...\n");
    return 2;
  }
  for (int i = 2; i < argc; i++)
    if (dump (kind, argv[i], &err) < 0)
      printf ("%s: %s\n", argv[i], err.text);
  return 0;
}
