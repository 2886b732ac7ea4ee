/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "analyzer/security/privileges.h"
#include "lib/quote.h"
#include "transform/init/initcompiler.h"
#include "transform/init/initmask.h"

/* linux/securebits.h */
static const char *const secure_bits[] = {
  "noroot",    "noroot-locked",    "no-setuid-fixup", "no-setuid-fixup-locked",
  "keep-caps", "keep-caps-locked",
};

/* core(5), "Controlling which mappings are written to the core dump" */
static const char *const mappings[] = {
  "private-anonymous",  "shared-anonymous", "private-file-backed",
  "shared-file-backed", "elf-headers",      "private-huge",
  "shared-huge",        "private-dax",      "shared-dax",
};

static const struct dc_mask_word mapping_sets[] = {
  { "default", 0x33 },
  { "all", 0x1ff },
  { NULL, 0 },
};

static const struct dc_mask_word namespaces[] = {
  { "cgroup", 0x02000000 }, { "ipc", 0x08000000 }, { "net", 0x40000000 },
  { "mnt", 0x00020000 },    { "pid", 0x20000000 }, { "user", 0x10000000 },
  { "uts", 0x04000000 },    { NULL, 0 },
};

const struct dc_mask_kind dc_mask_capabilities = {
  .bit_name = dc_capability_name,
};
const struct dc_mask_kind dc_mask_secure_bits = {
  .bits = secure_bits,
  .bit_count = DC_COUNT (secure_bits),
};
const struct dc_mask_kind dc_mask_coredump = {
  .bits = mappings,
  .bit_count = DC_COUNT (mappings),
  .words = mapping_sets,
  .has_numbers = true,
};
const struct dc_mask_kind dc_mask_namespaces = { .words = namespaces };

static const char *
bit_name (const struct dc_mask_kind *kind, unsigned number)
{
  if (kind->bit_name != NULL)
    return kind->bit_name (number);
  return number < kind->bit_count ? kind->bits[number] : NULL;
}

/* What WORD stands for, 0 if for nothing. */
static uint64_t
find_bits (const struct dc_mask_kind *kind, const char *word)
{
  const char *name;

  for (unsigned i = 0; (name = bit_name (kind, i)) != NULL; i++) {
    if (strcasecmp (name, word) == 0)
      return UINT64_C (1) << i;
  }
  for (const struct dc_mask_word *known = kind->words;
       known != NULL && known->name != NULL; known++) {
    if (strcmp (known->name, word) == 0)
      return known->bits;
  }
  char *end = NULL;
  const uint64_t bits = kind->has_numbers ? strtoull (word, &end, 16) : 0;
  return end != NULL && *end == '\0' ? bits & INT64_MAX : 0;
}

static int
add_bits (const struct dc_initservice *service,
          const struct dc_setting *setting, const struct dc_mask_kind *kind,
          uint64_t *sum, struct dc_error *err)
{
  AUTO_WORDS struct dc_words words = { NULL, 0 };

  if (dc_unit_words (setting->value + (setting->value[0] == '~'), &words, err) <
      0)
    return err->code == DC_ERR_INVALID
               ? dc_init_note_value (service, setting, err)
               : -1;
  for (size_t i = 0; i < words.count; i++) {
    const uint64_t bits = find_bits (kind, words.items[i]);
    if (bits == 0 && dc_init_note (service->compiler, service->unit, setting,
                                   err, "%s=: '%s' is not known, ignoring it",
                                   dc_quote (setting->key).text,
                                   dc_quote (words.items[i]).text) < 0)
      return -1;
    *sum |= bits;
  }
  return 0;
}

/* What was set to nothing, or not yet, is replaced, all else is merged. */
int
dc_init_mask (const struct dc_initservice *service, const char *key,
              const struct dc_mask_kind *kind, uint64_t initial, uint64_t *mask,
              struct dc_error *err)
{
  const struct dc_unit *unit = service->unit;
  bool is_set = false;

  *mask = initial;
  for (size_t i = 0; i < unit->setting_count; i++) {
    const struct dc_setting *setting = &unit->settings[i];
    uint64_t sum = 0;
    if (strcmp (setting->section, "Service") != 0 ||
        strcmp (setting->key, key) != 0)
      continue;
    if (add_bits (service, setting, kind, &sum, err) < 0)
      return -1;
    is_set = true;
    const bool is_inverted = setting->value[0] == '~';
    if (sum == 0 || *mask == initial)
      *mask = is_inverted ? ~sum : sum;
    else if (is_inverted)
      *mask &= ~sum;
    else
      *mask |= sum;
  }
  return is_set;
}
