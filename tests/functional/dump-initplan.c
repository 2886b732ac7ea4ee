/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* dump-initplan FOLDER UNIT...: the plan of decant-init for units of the
 * guest in FOLDER, its findings on stderr.  UNIT is a name, with "!" in front
 * if it is essential, with "=COMMAND" behind if that is to be run before it;
 * without any, all services that start at boot.
 */

#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "analyzer/unit/unittrigger.h"
#include "lib/tree/backends.h"
#include "transform/init/initplan.h"

#define CHOICE_MAX 256

struct choices {
  struct dc_init_choice items[CHOICE_MAX];
  struct dc_words prepare[CHOICE_MAX];
  char *names[CHOICE_MAX];
  size_t count;
};

static int
add_choice (struct choices *choices, const char *word, struct dc_error *err)
{
  const size_t i = choices->count;
  const char *command = strchr (word, '=');
  const bool is_essential = word[0] == '!';

  if (i == CHOICE_MAX)
    return dc_fail (err, DC_ERR_LIMIT, "too many units");
  word += is_essential;
  choices->names[i] = strndup (word, strcspn (word, "="));
  if (choices->names[i] == NULL)
    return dc_fail_errno (err, "cannot keep a unit");
  choices->count++;
  choices->items[i] = (struct dc_init_choice){ .unit = choices->names[i],
                                               .prepare = &choices->prepare[i],
                                               .is_essential = is_essential };
  return command == NULL
             ? 0
             : dc_words_add (&choices->prepare[i], command + 1, err);
}

/* What starts at boot. */
static bool
has_choice (const struct choices *choices, const char *name)
{
  size_t i = 0;

  while (i < choices->count && strcmp (choices->names[i], name) != 0)
    i++;
  return i < choices->count;
}

/* What UNIT, a socket, a timer or a path, starts. */
static int
choose_triggered (const struct dc_units *units, const struct dc_unit *unit,
                  struct choices *choices, struct dc_error *err)
{
  AUTO_FREE char *name = NULL;

  if (dc_unit_triggered (unit, &name, err) < 0)
    return -1;
  const struct dc_unit *service =
      name == NULL ? NULL : dc_units_find (units, name);
  return service == NULL || service->is_started ||
                 !dc_unit_has_type (service->name, "service") ||
                 has_choice (choices, service->name)
             ? 0
             : add_choice (choices, service->name, err);
}

static int
choose_all (const struct dc_units *units, struct choices *choices,
            struct dc_error *err)
{
  for (size_t i = 0; i < units->count; i++) {
    const struct dc_unit *unit = &units->items[i];
    if (unit->is_started && dc_unit_has_type (unit->name, "service") &&
        add_choice (choices, unit->name, err) < 0)
      return -1;
    if (unit->is_started && choose_triggered (units, unit, choices, err) < 0)
      return -1;
  }
  return 0;
}

static int
dump (struct dc_tree *tree, struct choices *choices, struct dc_error *err)
{
  DC_AUTO (dc_units) *units = NULL;
  DC_AUTO (dc_users) *users = NULL;
  DC_AUTO (dc_initplan) *plan = NULL;

  if (dc_units_load (tree, &units, err) < 0 ||
      dc_users_load (tree, &users, err) < 0 ||
      (choices->count == 0 && choose_all (units, choices, err) < 0) ||
      dc_initplan_make (tree, units, users, "guest", choices->items,
                        choices->count, &plan, err) < 0 ||
      dc_initplan_add_tmpfiles (plan, tree, users, "guest", err) < 0)
    return -1;
  fputs (plan->text, stdout);
  for (size_t i = 0; i < plan->findings.count; i++)
    fprintf (stderr, "%s\n", plan->findings.items[i]);
  return 0;
}

static int
run (const char *folder, struct choices *choices, struct dc_error *err)
{
  DC_AUTO (dc_tree) *tree = NULL;
  AUTO_CLOSE int fd = open (folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  if (fd < 0)
    return dc_fail_errno (err, "cannot open '%s'", folder);
  if (dc_tree_dir (fd, &tree, err) < 0)
    return -1;
  return dump (tree, choices, err);
}

int
main (int argc, char **argv)
{
  struct dc_error err = { .code = DC_OK };
  struct choices choices = { .count = 0 };
  int status = 0;

  for (int i = 2; i < argc && status == 0; i++)
    status = add_choice (&choices, argv[i], &err);
  if (argc < 2 || status < 0 || run (argv[1], &choices, &err) < 0) {
    fprintf (stderr, "%s\n", err.text);
    status = -1;
  }
  for (size_t i = 0; i < choices.count; i++) {
    dc_words_release (&choices.prepare[i]);
    free (choices.names[i]);
  }
  return status < 0;
}
