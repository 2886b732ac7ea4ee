/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdio.h>
#include <string.h>

#include "cli/command.h"
#include "lib/json.h"
#include "lib/oci/ref.h"
#include "lib/quote.h"
#include "runtime/runner.h"

#define ADDRESS_DEFAULT "127.0.0.1"
#define WAIT_DEFAULT_S 60
#define PORT_TRIES 5 /* more than the first */

struct run_options {
  const char *name;
  const char *address;
  struct dc_option_texts publish;
  const char *runner;
  const char *artifacts;
  int network;
  bool grants_all;
  bool waits;
  unsigned timeout_s;
  bool is_json;
};

static const struct dc_option options[] = {
  { .name = "name",
    .letter = 'n',
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct run_options, name),
    .argument = "NAME",
    .help = "its name (default: that of the layout's folder)" },
  { .name = "publish",
    .letter = 'p',
    .kind = DC_OPTION_TEXTS,
    .target = offsetof (struct run_options, publish),
    .argument = "PORT",
    .help = "[ADDRESS:][OUTSIDE:]INSIDE[/udp] (default: all)" },
  { .name = "address",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct run_options, address),
    .argument = "IP",
    .help = "publish there unless a port says where (127.0.0.1)" },
  { .name = "network",
    .kind = DC_OPTION_CHOICE,
    .target = offsetof (struct run_options, network),
    .argument = "KIND",
    .help = "auto, bridge, slirp4netns or none",
    .choices = { "auto", "bridge", "slirp4netns", "none" } },
  { .name = "artifacts",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct run_options, artifacts),
    .argument = "FOLDER",
    .help = "its volumes and secrets (default: beside the image)" },
  { .name = "privileges",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct run_options, grants_all),
    .help = "grant also what reaches beyond the container" },
  { .name = "runner",
    .kind = DC_OPTION_TEXT,
    .target = offsetof (struct run_options, runner),
    .argument = "PROGRAM",
    .help = "podman, runc or crun (default: the first there is)" },
  { .name = "wait",
    .letter = 'w',
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct run_options, waits),
    .help = "until all its TCP ports are open, else exit 3" },
  { .name = "timeout",
    .kind = DC_OPTION_NUMBER,
    .target = offsetof (struct run_options, timeout_s),
    .argument = "SECONDS",
    .help = "of --wait (60)",
    .min = 1,
    .max = 3600 },
  { .name = "json",
    .kind = DC_OPTION_FLAG,
    .target = offsetof (struct run_options, is_json),
    .help = "one JSON object" },
  DC_OPTION_END,
};

/* The last component of the layout's path, with what a name cannot hold
 * replaced.
 */
static int
default_name (const char *path, char name[DC_RUN_NAME_MAX + 1],
              struct dc_error *err)
{
  size_t size = strlen (path);
  size_t used = 0;

  while (size > 0 && path[size - 1] == '/')
    size--;
  size_t start = size;
  while (start > 0 && path[start - 1] != '/')
    start--;
  for (size_t i = start; i < size && used < DC_RUN_NAME_MAX; i++) {
    const char c = path[i];
    const bool is_upper = c >= 'A' && c <= 'Z';
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (is_upper || is_plain || used > 0)
      name[used++] = (char) (is_upper ? c - 'A' + 'a' : is_plain ? c : '-');
  }
  name[used] = '\0';
  return used > 0
             ? 0
             : dc_fail (err, DC_ERR_INVALID, "'%s' gives no name; use --name",
                        dc_quote (path).text);
}

static int
choose_ports (const struct run_options *opts, const struct dc_image *image,
              struct dc_ports *ports, struct dc_error *err)
{
  if (opts->publish.count == 0)
    return dc_ports_of_image (image, opts->address, ports, err);
  for (size_t i = 0; i < opts->publish.count; i++)
    if (dc_ports_parse (opts->publish.items[i], opts->address, ports, err) < 0)
      return -1;
  return 0;
}

/* Those that the user named, or that lie beside the layout; none is fine. */
static int
find_artifacts (const struct run_options *opts, const struct dc_ref *ref,
                struct dc_start *start, struct dc_artifacts **artifacts,
                struct dc_error *err)
{
  const char *digest = start->image->target.digest;

  if (opts->artifacts == NULL) {
    if (dc_artifacts_beside (ref->path, ref->tag, digest, artifacts, err) < 0)
      return -1;
  } else if (dc_artifacts_open (opts->artifacts, artifacts, err) < 0)
    return -1;
  if (*artifacts == NULL)
    return 0;
  start->artifacts = *artifacts;
  start->wants = dc_artifacts_image (*artifacts, digest);
  return start->wants != NULL
             ? 0
             : dc_fail (err, DC_ERR_INVALID,
                        "artifacts '%s': they are not of this image, %s",
                        dc_quote (opts->artifacts).text, digest);
}

static int
print_text (const char *name, const struct dc_ports *ports)
{
  int status = printf ("%s runs\n", name);

  for (size_t i = 0; i < ports->count; i++) {
    const struct dc_published *port = &ports->items[i];
    const bool is_v6 = strchr (port->address, ':') != NULL;
    status |= printf ("  %u/%s -> %s%s%s:%u\n", port->inside,
                      port->is_udp ? "udp" : "tcp", is_v6 ? "[" : "",
                      port->address, is_v6 ? "]" : "", port->outside);
  }
  return status;
}

static int
print_json (const char *name, int pid, const struct dc_ports *ports)
{
  json_auto_t *list = json_array ();
  for (size_t i = 0; i < ports->count; i++) {
    const struct dc_published *port = &ports->items[i];
    if (json_array_append_new (
            list,
            json_pack ("{s:i, s:s, s:s, s:i}", "port", port->inside, "protocol",
                       port->is_udp ? "udp" : "tcp", "host_address",
                       port->address, "host_port", port->outside)) < 0)
      return -1;
  }
  json_auto_t *json =
      json_pack ("{s:s, s:i, s:O}", "name", name, "pid", pid, "ports", list);
  return json == NULL || json_dumpf (json, stdout, JSON_INDENT (2)) < 0
             ? -1
             : puts ("");
}

/* A container that ends meanwhile, or a user who has had enough: nothing of
 * it stays.  One that is late goes on.
 */
static int
wait_ready (const struct run_options *opts, const struct dc_start *start,
            int pid, struct dc_terminal *terminal, enum dc_exit *status,
            struct dc_error *err)
{
  uint16_t missing = 0;
  const int is_ready = dc_ports_wait (pid, start->ports, opts->timeout_s * 1000,
                                      &terminal->report, &missing, err);

  if (is_ready < 0)
    return dc_container_give_up (start->name, err->code == DC_ERR_NOTFOUND,
                                 &terminal->report, err);
  if (is_ready == 0) {
    dc_warn (&terminal->report,
             "nothing listens on port %u after %u s, leaving it running",
             missing, opts->timeout_s);
    *status = DC_EXIT_BELOW;
  }
  return 0;
}

/* Who runs at the same time may be quicker with the same free ports: then
 * others are chosen.
 */
static int
start_on_ports (const struct run_options *opts, const struct dc_runner *runner,
                const struct dc_start *start, struct dc_ports *ports,
                struct dc_terminal *terminal, int *pid, struct dc_error *err)
{
  for (int tries = 0;; tries++) {
    ports->count = 0;
    if (choose_ports (opts, start->image, ports, err) < 0)
      return -1;
    const int status =
        dc_container_start (runner, start, &terminal->report, pid, err);
    if (status == 0 || tries == PORT_TRIES || err->code == DC_ERR_CANCELLED ||
        dc_ports_are_free (ports))
      return status;
    dc_info (&terminal->report, "a port was taken meanwhile, choosing others");
  }
}

static int
start_image (const struct run_options *opts, const struct dc_ref *ref,
             struct dc_layout *layout, const struct dc_image *image,
             struct dc_terminal *terminal, enum dc_exit *status,
             struct dc_error *err)
{
  char name[DC_RUN_NAME_MAX + 1];
  struct dc_ports ports = { .count = 0 };
  const struct dc_runner *runner = NULL;
  DC_AUTO (dc_artifacts) *artifacts = NULL;
  int pid = 0;

  if (opts->name == NULL && default_name (ref->path, name, err) < 0)
    return -1;
  struct dc_start start = {
    .name = opts->name != NULL ? opts->name : name,
    .layout_path = ref->path,
    .tag = ref->tag,
    .layout = layout,
    .image = image,
    .ports = &ports,
    .network = (enum dc_network) opts->network,
    .grants_all = opts->grants_all,
  };
  if (dc_runner_find (opts->runner, &runner, err) < 0 ||
      find_artifacts (opts, ref, &start, &artifacts, err) < 0 ||
      dc_container_clear (start.name, &terminal->report, err) < 0 ||
      start_on_ports (opts, runner, &start, &ports, terminal, &pid, err) < 0 ||
      (opts->waits &&
       wait_ready (opts, &start, pid, terminal, status, err) < 0))
    return -1;
  dc_terminal_clear (terminal);
  const int printed = opts->is_json ? print_json (start.name, pid, &ports)
                                    : print_text (start.name, &ports);
  return printed < 0 ? dc_fail_errno (err, "cannot write") : 0;
}

static int
run (int argc, char **argv, struct dc_terminal *terminal, enum dc_exit *status,
     struct dc_error *err)
{
  struct run_options opts = { .address = ADDRESS_DEFAULT,
                              .timeout_s = WAIT_DEFAULT_S };
  int first = 0;

  if (dc_command_options (&dc_command_run, argc, argv, &opts, &first, status,
                          err) < 0)
    return -1;
  if (argc - first != 1)
    return dc_usage (status, err, "run needs one image, such as oci:FOLDER");
  DC_AUTO (dc_ref) *ref = NULL;
  if (dc_ref_parse (argv[first], &ref, err) < 0) {
    *status = DC_EXIT_USAGE;
    return -1;
  }
  if (ref->kind != DC_REF_OCI)
    return dc_fail (
        err, DC_ERR_UNSUPPORTED,
        "run takes oci: references, not %s:", dc_ref_kind_name (ref->kind));
  DC_AUTO (dc_layout) *layout = NULL;
  struct dc_image image = { .manifest = NULL };
  if (dc_layout_open (ref->path, &layout, err) < 0 ||
      dc_layout_image (layout, ref->tag, &image, err) < 0)
    return -1;
  const int result =
      start_image (&opts, ref, layout, &image, terminal, status, err);
  dc_image_release (&image);
  return result;
}

const struct dc_command dc_command_run = {
  .name = "run",
  .operands = "IMAGE",
  .summary = "Start an image as a container and publish its ports",
  .options = options,
  .run = run,
};
