/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "analyzer/machine/machinesection.h"
#include "lib/quote.h"

#define MIB ((json_int_t) 1024 * 1024)

int
dc_machine_section_read (struct dc_tree *tree, struct dc_profile *profile,
                         struct dc_error *err)
{
  (void) tree; /* it is no part of the guest */
  (void) profile;
  (void) err;
  return 0;
}

json_t *
dc_machine_section_json (const struct dc_profile *profile)
{
  json_t *machine = profile->guest == NULL ? NULL : profile->guest->machine;

  return machine == NULL ? json_null () : json_incref (machine);
}

static int
add_number (struct dc_page_list *list, const json_t *machine, const char *key,
            json_int_t unit, const char *what, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer b = DC_BUFFER_INIT (64);
  const json_int_t number =
      json_integer_value (json_object_get (machine, key)) / unit;

  if (number == 0)
    return 0;
  if (dc_buffer_print (&b, err, "%lld %s", (long long) number, what) < 0)
    return -1;
  return dc_page_add (list, dc_buffer_text (&b), err);
}

static int
add_text (struct dc_page_list *list, const json_t *machine, const char *key,
          struct dc_error *err)
{
  const char *text = dc_page_text (machine, key);

  return text == NULL ? 0 : dc_page_add (list, text, err);
}

static int
print_nics (struct dc_page *page, const json_t *nics, struct dc_error *err)
{
  struct dc_page_list list = { .text = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX),
                               .max = DC_PAGE_LIST_MAX };
  int status = 0;

  for (size_t i = 0; status == 0 && i < json_array_size (nics); i++) {
    const char *network = dc_page_text (json_array_get (nics, i), "network");
    status = dc_page_add (&list, network != NULL ? network : "unknown", err);
  }
  if (status == 0)
    status = dc_page_print (page, "networks", &list, err);
  dc_buffer_release (&list.text);
  return status;
}

int
dc_machine_section_text (struct dc_page *page, struct dc_error *err)
{
  const json_t *machine = json_object_get (page->json, "machine");
  struct dc_page_list list = { .text = DC_BUFFER_INIT (DC_PAGE_SIZE_MAX),
                               .max = DC_PAGE_LIST_MAX };

  if (!json_is_object (machine))
    return 0;
  int status = dc_buffer_print (page->out, err, "\nMachine\n");
  if (status == 0)
    status = add_text (&list, machine, "name", err);
  if (status == 0)
    status = add_number (&list, machine, "cpus", 1, "CPUs", err);
  if (status == 0)
    status = add_number (&list, machine, "memory_bytes", MIB, "MiB", err);
  if (status == 0)
    status = add_text (&list, machine, "firmware", err);
  if (status == 0)
    status = add_text (&list, machine, "os_hint", err);
  if (status == 0)
    status = dc_page_print (page, "defined as", &list, err);
  dc_buffer_release (&list.text);
  return status < 0 ? -1
                    : print_nics (page, json_object_get (machine, "nics"), err);
}
