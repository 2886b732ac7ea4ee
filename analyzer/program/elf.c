/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* elf: the header of a program says for which machine it is; an ARM program's
 * build attributes say for which generation.
 *
 *   offset  0  0x7f 'E' 'L' 'F'
 *           4  class: 1 32 bit, 2 64 bit
 *           5  byte order: 1 little, 2 big
 *          18  machine (16 bit)
 *   32 bit: 32 where the sections are, 46 size of a section header, 48 count
 *
 * Source: elf(5); "ELF for the Arm Architecture" and "Addenda to, and Errata
 * in, the ABI for the Arm Architecture", section 3.3; the words are Go's
 * GOARCH, as the OCI image-spec demands.
 */

#include <elf.h>
#include <endian.h>
#include <string.h>
#include <sys/stat.h>

#include "analyzer/profile.h"
#include "lib/span.h"

#define HEADER_SIZE 52   /* of a 32-bit file; the larger one begins the same */
#define SECTION_MAX 1000 /* of one program */
#define SEARCH_MAX 200   /* executables looked at where the usual ones miss */
#define ATTRIBUTES_MAX ((size_t) 64 * 1024) /* bytes; real ones are below 100 */

static const struct machine {
  unsigned number, class, order;
  const char *arch;
} machines[] = {
  { EM_386, ELFCLASS32, ELFDATA2LSB, "386" },
  { EM_AARCH64, ELFCLASS64, ELFDATA2LSB, "arm64" },
  { EM_ARM, ELFCLASS32, ELFDATA2LSB, "arm" },
  { EM_LOONGARCH, ELFCLASS64, ELFDATA2LSB, "loong64" },
  { EM_MIPS, ELFCLASS32, ELFDATA2LSB, "mipsle" },
  { EM_MIPS, ELFCLASS32, ELFDATA2MSB, "mips" },
  { EM_MIPS, ELFCLASS64, ELFDATA2LSB, "mips64le" },
  { EM_MIPS, ELFCLASS64, ELFDATA2MSB, "mips64" },
  { EM_PPC64, ELFCLASS64, ELFDATA2LSB, "ppc64le" },
  { EM_PPC64, ELFCLASS64, ELFDATA2MSB, "ppc64" },
  { EM_RISCV, ELFCLASS64, ELFDATA2LSB, "riscv64" },
  { EM_S390, ELFCLASS64, ELFDATA2MSB, "s390x" },
  { EM_X86_64, ELFCLASS64, ELFDATA2LSB, "amd64" },
};

static unsigned
get16 (const unsigned char *p, bool is_little)
{
  return is_little ? (unsigned) (p[0] | p[1] << 8)
                   : (unsigned) (p[1] | p[0] << 8);
}

static uint32_t
get32 (const unsigned char *p) /* only little: ARM */
{
  uint32_t value;

  memcpy (&value, p, sizeof value);
  return le32toh (value);
}

static const struct machine *
find_machine (const unsigned char header[HEADER_SIZE])
{
  const unsigned number = get16 (header + 18, header[EI_DATA] == ELFDATA2LSB);

  if (memcmp (header, ELFMAG, SELFMAG) != 0)
    return NULL;
  for (size_t i = 0; i < DC_COUNT (machines); i++)
    if (machines[i].number == number && machines[i].class == header[EI_CLASS] &&
        machines[i].order == header[EI_DATA])
      return &machines[i];
  return NULL;
}

/* A number of seven bits a byte, the lowest first. */
static bool
take_uleb (struct dc_span *rest, uint32_t *value)
{
  *value = 0;
  for (unsigned shift = 0; rest->size > 0 && shift < 32; shift += 7) {
    const unsigned char byte = (unsigned char) *rest->text;
    *rest = dc_span_skip (*rest, 1);
    *value |= (uint32_t) (byte & 0x7f) << shift;
    if (byte < 0x80)
      return true;
  }
  return false;
}

static bool
take_text (struct dc_span *rest)
{
  const char *end =
      rest->size > 0 ? memchr (rest->text, '\0', rest->size) : NULL;

  if (end == NULL)
    return false;
  *rest = dc_span_skip (*rest, (size_t) (end + 1 - rest->text));
  return true;
}

/* The variant of Tag_CPU_arch (6) in the attributes of a file.  Tags 4 and 5
 * and the odd ones above 32 carry a text, 32 a number and a text, the others a
 * number.
 */
static const char *
find_variant (struct dc_span rest)
{
  static const char *const variants[] = {
    NULL, NULL, NULL, "v5", "v5", "v5", "v6", "v6", "v6", "v6", "v7",
  };
  uint32_t tag, value = 0;

  while (take_uleb (&rest, &tag)) {
    const bool is_text = tag == 4 || tag == 5 || (tag > 32 && tag % 2 == 1);
    if (!is_text && !take_uleb (&rest, &value))
      return NULL;
    if ((is_text || tag == 32) && !take_text (&rest))
      return NULL;
    if (tag == 6)
      return value < DC_COUNT (variants) ? variants[value] : NULL;
  }
  return NULL;
}

/* 'A', then for each vendor: size, name, and for the file: 1, size, tags. */
static const char *
parse_attributes (struct dc_span section)
{
  static const char begin[] = "aeabi\0\1";
  const size_t at = 1 + 4 + sizeof begin - 1 + 4;

  if (section.size < at || *section.text != 'A' ||
      memcmp (section.text + 5, begin, sizeof begin - 1) != 0)
    return NULL;
  return find_variant (dc_span_skip (section, at));
}

static int
read_attributes (struct dc_tree *tree, uint32_t index, uint64_t offset,
                 size_t size, const char **variant, struct dc_error *err)
{
  AUTO_FREE char *bytes = malloc (size);

  if (bytes == NULL)
    return dc_fail_errno (err, "cannot read the attributes of a program");
  if (dc_tree_read (tree, index, offset, bytes, size, err) < 0)
    return -1;
  *variant = parse_attributes ((struct dc_span){ bytes, size });
  return 0;
}

/* Find the section with the attributes.  A header that lies about places
 * outside the file means no variant.
 */
static int
arm_variant (struct dc_tree *tree, uint32_t index,
             const unsigned char header[HEADER_SIZE], const char **variant,
             struct dc_error *err)
{
  const uint64_t file_size = tree->entries[index].size;
  const uint64_t table = get32 (header + 32);
  const unsigned each = get16 (header + 46, true);
  const unsigned count = get16 (header + 48, true);
  unsigned char section[40];

  if (each < sizeof section || count > SECTION_MAX ||
      table + (uint64_t) each * count > file_size)
    return 0;
  for (unsigned i = 0; i < count; i++) {
    if (dc_tree_read (tree, index, table + (uint64_t) each * i, section,
                      sizeof section, err) < 0)
      return -1;
    const uint64_t offset = get32 (section + 16);
    const size_t size = get32 (section + 20);
    if (get32 (section + 4) == SHT_ARM_ATTRIBUTES && size > 0 &&
        size <= ATTRIBUTES_MAX && offset + size <= file_size)
      return read_attributes (tree, index, offset, size, variant, err);
  }
  return 0;
}

int
dc_elf_program_arch (struct dc_tree *tree, uint32_t index, const char **arch,
                     struct dc_error *err)
{
  unsigned char header[HEADER_SIZE];

  if (!S_ISREG (tree->entries[index].mode) ||
      tree->entries[index].size < sizeof header)
    return 0;
  if (dc_tree_read (tree, index, 0, header, sizeof header, err) < 0)
    return -1;
  const struct machine *machine = find_machine (header);
  if (machine == NULL)
    return 0;
  *arch = machine->arch;
  return 1;
}

bool
dc_elf_runs_on (const char *arch, const char *machine)
{
  static const char *const also[][2] = {
    { "386", "amd64" },
    { "arm", "arm64" },
  };

  for (size_t i = 0; i < DC_COUNT (also); i++)
    if (strcmp (also[i][0], arch) == 0 && strcmp (also[i][1], machine) == 0)
      return true;
  return strcmp (arch, machine) == 0;
}

/* Is the entry a program of a known machine?  1 and both words, 0, -1. */
static int
read_program (struct dc_tree *tree, uint32_t index, char **arch, char **variant,
              struct dc_error *err)
{
  unsigned char header[HEADER_SIZE];
  const char *variant_word = NULL;

  if (!S_ISREG (tree->entries[index].mode) ||
      tree->entries[index].size < sizeof header)
    return 0;
  if (dc_tree_read (tree, index, 0, header, sizeof header, err) < 0)
    return -1;
  const struct machine *machine = find_machine (header);
  if (machine == NULL)
    return 0;
  if (machine->number == EM_ARM &&
      arm_variant (tree, index, header, &variant_word, err) < 0)
    return -1;

  AUTO_FREE char *arch_copy = strdup (machine->arch);
  AUTO_FREE char *variant_copy =
      variant_word != NULL ? strdup (variant_word) : NULL;
  if (arch_copy == NULL || (variant_word != NULL && variant_copy == NULL))
    return dc_fail_errno (err, "cannot keep the architecture");
  *arch = DC_TAKE (arch_copy);
  *variant = DC_TAKE (variant_copy);
  return 1;
}

int
dc_elf_arch (struct dc_tree *tree, char **arch, char **variant,
             struct dc_error *err)
{
  static const char *const usual[] = {
    "/bin/sh",
    "/sbin/init",
    "/usr/lib/systemd/systemd",
    "/usr/bin/env",
  };
  unsigned left = SEARCH_MAX;

  for (size_t i = 0; i < DC_COUNT (usual); i++) {
    const uint32_t index = dc_tree_resolve (tree, usual[i]);
    const int found = index == DC_TREE_NONE
                          ? 0
                          : read_program (tree, index, arch, variant, err);
    if (found != 0)
      return found;
  }
  for (uint32_t i = 0; i < tree->count && left > 0; i++) {
    if (!S_ISREG (tree->entries[i].mode) || !(tree->entries[i].mode & 0111))
      continue;
    const int found = read_program (tree, i, arch, variant, err);
    if (found != 0)
      return found;
    left--;
  }
  return 0;
}
