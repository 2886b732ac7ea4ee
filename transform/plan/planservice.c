/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/unit/unitenv.h"
#include "analyzer/unit/unitexec.h"
#include "lib/number.h"
#include "lib/quote.h"
#include "lib/text.h"
#include "transform/plan/planlines.h"
#include "transform/plan/planservice.h"
#include "transform/services.h"
#include "transform/state/secret.h"

enum fate {
  FATE_USED, /* it goes into the config */
  FATE_SAME, /* it makes no difference for one process 1 */
  FATE_LOST, /* it is lost, and said */
};

/* Every keyword of decant-init's plan (runtime/init/plan.h) that is not here
 * needs decant-init.
 */
static const struct {
  const char *keyword;
  enum fate fate;
  const char *setting; /* of what is lost */
} fates[] = {
  { "service", FATE_SAME, NULL },
  { "type", FATE_USED, NULL },
  { "essential", FATE_SAME, NULL },
  { "user", FATE_USED, NULL },
  { "group", FATE_USED, NULL },
  { "groups", FATE_USED, NULL },
  { "chdir", FATE_USED, NULL },
  { "env", FATE_USED, NULL },
  { "envfile", FATE_USED, NULL },
  { "unsetenv", FATE_SAME, NULL },
  { "folder", FATE_USED, NULL },
  { "tmpfile", FATE_USED, NULL },
  { "journal", FATE_SAME, NULL },
  { "preserve", FATE_SAME, NULL },
  { "exec", FATE_USED, NULL },
  { "pidfile", FATE_SAME, NULL },
  { "no-guess", FATE_SAME, NULL },
  { "remain", FATE_SAME, NULL },
  { "notify", FATE_SAME, NULL },
  { "watchdog", FATE_LOST, "WatchdogSec=" },
  { "watchdog-signal", FATE_SAME, NULL },
  { "on-start-timeout", FATE_SAME, NULL },
  { "on-stop-timeout", FATE_SAME, NULL },
  { "timeout-abort", FATE_SAME, NULL },
  { "reload-signal", FATE_SAME, NULL },
  { "runtime-max", FATE_LOST, "RuntimeMaxSec=" },
  { "kill-signal", FATE_USED, NULL },
  { "kill-mode", FATE_SAME, NULL },
  { "no-sigkill", FATE_SAME, NULL },
  { "send-sighup", FATE_SAME, NULL },
  { "timeout-start", FATE_SAME, NULL },
  { "timeout-stop", FATE_USED, NULL },
  { "restart", FATE_SAME, NULL },
  { "restart-delay", FATE_SAME, NULL },
  { "start-limit", FATE_SAME, NULL },
  { "success", FATE_SAME, NULL },
  { "restart-prevent", FATE_SAME, NULL },
  { "restart-force", FATE_SAME, NULL },
  { "sigpipe", FATE_SAME, NULL },
  { "limit", FATE_LOST, "limits" },
  { "condition", FATE_LOST, "conditions" },
  { "assertion", FATE_LOST, "assertions" },
  { "alias", FATE_SAME, NULL },
  { "on-demand", FATE_SAME, NULL },
  { "tie", FATE_SAME, NULL },
  { "filter", FATE_LOST, "SystemCallFilter=" },
  { "isolate", FATE_LOST, "name spaces" },
  { "mount", FATE_LOST, "private mounts" },
  { "bound", FATE_LOST, "CapabilityBoundingSet=" },
  { "no-new-privileges", FATE_LOST, "NoNewPrivileges=" },
  { "nice", FATE_LOST, "Nice=" },
  { "oom-score", FATE_LOST, "OOMScoreAdjust=" },
  { "scheduler", FATE_LOST, "CPUSchedulingPolicy=" },
  { "cpus", FATE_LOST, "CPUAffinity=" },
  { "securebits", FATE_LOST, "SecureBits=" },
  { "own-groups", FATE_SAME, NULL },
  { "io-priority", FATE_LOST, "IOSchedulingClass=" },
  { "timer-slack", FATE_LOST, "TimerSlackNSec=" },
  { "coredump-filter", FATE_LOST, "CoredumpFilter=" },
  { "stdin", FATE_SAME, NULL },
  { "stdout", FATE_SAME, NULL },
  { "stderr", FATE_SAME, NULL },
  { "umask", FATE_LOST, "UMask=" },
};

/* What systemd gives to every service (transform/init/initlimit.c). */
#define USUAL_LIMIT "nofile 1024 keep"

/* What is known of the service at hand. */
struct service {
  const struct dc_plan_making *making;
  struct dc_plan_image *image;
  const struct dc_unit *unit;
  const struct dc_app *app; /* NULL: we know none */
  struct dc_words lost;     /* settings */
  struct dc_words others;   /* programs that run before or after it */
  char *program;            /* of ExecStart= */
  bool is_forking;
  bool has_groups;
  const char *user, *group; /* words of the plan at hand */
};

static int
refuse (const struct service *service, struct dc_error *err, const char *why)
{
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' cannot be process 1 itself: %s",
                  dc_quote (service->unit->name).text, why);
}

static int
take_exec (struct service *service, char *rest, struct dc_error *err)
{
  const char *phase = dc_plan_lines_word (&rest),
             *flags = dc_plan_lines_word (&rest);
  char *program = dc_plan_lines_word (&rest);

  if (program == NULL)
    return 0;
  if (strcmp (phase, "start") == 0) {
    if (service->program != NULL)
      return refuse (service, err, "it has several commands");
    return dc_text_copy (program, &service->program, err);
  }
  const bool matters =
      strcmp (phase, "pre") == 0 || strcmp (phase, "post") == 0;
  return matters && strchr (flags, 'i') == NULL
             ? dc_words_add (&service->others, program, err)
             : 0;
}

/* Commands before and after the start may be lost only if they are the program
 * itself, which tests its configuration.
 */
static int
check_others (const struct service *service, struct dc_error *err)
{
  const char *own =
      service->program != NULL ? dc_text_last_component (service->program) : "";

  for (size_t i = 0; i < service->others.count; i++)
    if (strcmp (dc_text_last_component (service->others.items[i]), own) != 0)
      return refuse (service, err,
                     "it has commands that must run before or after its start");
  return 0;
}

static int
take_used (struct service *service, const char *keyword, char *rest,
           struct dc_error *err)
{
  struct dc_plan_image *image = service->image;
  uint64_t number = 0;

  if (strcmp (keyword, "exec") == 0)
    return take_exec (service, rest, err);
  const char *flags =
      strcmp (keyword, "chdir") == 0 ? dc_plan_lines_word (&rest) : NULL;
  char *word = dc_plan_lines_word (&rest);
  if (word == NULL)
    return 0;
  if (strcmp (keyword, "type") == 0) {
    service->is_forking = strcmp (word, "forking") == 0;
    return strcmp (word, "oneshot") == 0
               ? refuse (service, err, "it ends after its work (oneshot)")
               : 0;
  }
  if (strcmp (keyword, "user") == 0)
    service->user = word;
  else if (strcmp (keyword, "group") == 0)
    service->group = word;
  else if (strcmp (keyword, "groups") == 0)
    service->has_groups = true;
  else if (flags != NULL)
    return dc_text_copy (word, &image->folder, err);
  else if (strcmp (keyword, "kill-signal") == 0)
    return image->stop_signal == NULL
               ? dc_text_copy (word, &image->stop_signal, err)
               : 0;
  else if (strcmp (keyword, "timeout-stop") == 0 &&
           dc_number_parse (word, 0, INT64_MAX, &number, err) == 0)
    image->stop_timeout_s = (int64_t) (number + 999) / 1000;
  return 0;
}

static int
take_line (void *self, const char *keyword, char *rest, struct dc_error *err)
{
  struct service *service = self;

  for (size_t i = 0; i < DC_COUNT (fates); i++) {
    if (strcmp (fates[i].keyword, keyword) != 0)
      continue;
    if (fates[i].fate == FATE_USED)
      return take_used (service, keyword, rest, err);
    if (fates[i].fate == FATE_SAME || strcmp (rest, USUAL_LIMIT) == 0 ||
        dc_words_has (&service->lost, fates[i].setting))
      return 0;
    return dc_words_add (&service->lost, fates[i].setting, err);
  }
  return dc_fail (err, DC_ERR_UNSUPPORTED,
                  "'%s' cannot be process 1 itself: only decant-init does "
                  "'%s' for it",
                  dc_quote (service->unit->name).text, keyword);
}

static const struct dc_app *
find_app (const struct dc_profile *profile, const char *unit)
{
  const struct dc_applications *applications = &profile->applications;

  for (size_t i = 0; i < applications->count; i++)
    if (dc_words_has (&applications->items[i].services, unit))
      return applications->items[i].app;
  return NULL;
}

/* "-g 'daemon off;'" behind the command. */
static int
keep_in_foreground (const struct service *service, struct dc_words *argv,
                    struct dc_error *err)
{
  const char *foreground =
      service->app != NULL ? service->app->foreground : NULL;

  if (foreground == NULL)
    return service->is_forking
               ? refuse (service, err,
                         "it goes into the background, and what keeps it in "
                         "the foreground is not known")
               : 0;
  if (!service->is_forking)
    return 0;
  if (foreground[0] != '-')
    return refuse (service, err,
                   "it goes into the background, and no option alone keeps it "
                   "in the foreground");
  return dc_unit_words (foreground, argv, err);
}

static int
fill_command (struct service *service, struct dc_error *err)
{
  const struct dc_plan_making *making = service->making;
  const char *hostname = making->profile->hostname;
  struct dc_plan_image *image = service->image;
  AUTO_WORDS struct dc_words environment = { NULL, 0 }, argv = { NULL, 0 };
  AUTO_FREE char *missing = NULL;
  DC_AUTO (dc_execs) *execs = NULL;

  if (dc_unit_environment (making->tree, service->unit, "Service", hostname,
                           &environment, &missing, err) < 0 ||
      dc_execs_read (service->unit, "Service", "ExecStart", hostname, &execs,
                     err) < 0)
    return -1;
  if (execs->count != 1 || service->program == NULL)
    return refuse (service, err, "it has not exactly one command");
  if (dc_exec_argv (&execs->items[0], &environment, &argv, err) < 0 ||
      keep_in_foreground (service, &argv, err) < 0)
    return -1;
  for (size_t i = 0; i < environment.count; i++)
    if (dc_yaml_texts_add (&image->environment, environment.items[i], err) < 0)
      return -1;
  /* What it is started as need not be the program's path. */
  if (dc_yaml_texts_add (&image->command, service->program, err) < 0)
    return -1;
  for (size_t i = 1; i < argv.count; i++)
    if (dc_yaml_texts_add (&image->command, argv.items[i], err) < 0)
      return -1;
  return 0;
}

/* "UID:GID", or "UID" where the runtime has to look its groups up. */
static int
fill_user (struct service *service, struct dc_error *err)
{
  if (service->user == NULL)
    return 0;
  return service->has_groups || service->group == NULL
             ? dc_text_copy (service->user, &service->image->user, err)
             : dc_text_print (&service->image->user, err, "%s:%s",
                              service->user, service->group);
}

static int
say_lost (const struct service *service, struct dc_error *err)
{
  AUTO_BUFFER struct dc_buffer text = DC_BUFFER_INIT (4096);

  if (service->lost.count == 0)
    return 0;
  for (size_t i = 0; i < service->lost.count; i++)
    if (dc_buffer_print (
            &text, err, "%s%s",
            i > 0 ? ", " : "lost of the unit: ", service->lost.items[i]) < 0)
      return -1;
  return dc_text_copy (dc_buffer_text (&text), &service->image->reason, err);
}

static int
fill_service (struct service *service, struct dc_error *err)
{
  const struct dc_plan_making *making = service->making;
  const char *signal = service->app != NULL ? service->app->stop_signal : NULL;
  DC_AUTO (dc_initplan) *plan = NULL;

  if (dc_plan_lines_make (making->tree, making->profile, service->unit->name,
                          &plan, err) < 0 ||
      dc_text_copy (signal, &service->image->stop_signal, err) < 0)
    return -1;
  return dc_plan_lines_each (plan->text, take_line, service, err) < 0 ||
                 check_others (service, err) < 0 ||
                 fill_command (service, err) < 0 ||
                 fill_user (service, err) < 0 || say_lost (service, err) < 0
             ? -1
             : 0;
}

/* Is there work that decant-init does before the first start? */
static int
check_prepared (const struct service *service, struct dc_error *err)
{
  DC_AUTO (dc_services) *services = NULL;
  bool is_prepared = false;

  if (dc_services_planned (service->making->profile->units,
                           service->making->plan, service->image, &services,
                           err) < 0)
    return -1;
  for (size_t i = 0; i < services->count; i++)
    is_prepared |=
        services->items[i].reason == NULL && services->items[i].prepare != NULL;
  return is_prepared ? refuse (service, err,
                               "it is prepared at the first start of a "
                               "container")
                     : 0;
}

/* The configuration of an image is for everybody who has it. */
static int
check_secrets (const struct service *service, struct dc_error *err)
{
  const struct dc_yaml_texts *variables = &service->image->environment;

  if (service->making->options->secrets == DC_PLAN_SECRET_IMAGE)
    return 0;
  for (size_t i = 0; i < variables->count; i++)
    if (dc_secret_assigned (service->making->profile, variables->items[i]) !=
        NULL)
      return refuse (service, err,
                     "a secret is in its environment, which would be in the "
                     "image's configuration");
  return 0;
}

static int
choose_service (const struct dc_plan_making *making,
                struct dc_plan_image *image, struct dc_error *err)
{
  const struct dc_plan_service *services = image->services.items;

  if (image->services.count != 1)
    return dc_fail (err, DC_ERR_UNSUPPORTED,
                    "image '%s' has %zu services, and only one can be process "
                    "1: choose with --service or --groups",
                    image->name, image->services.count);
  struct service service = {
    .making = making,
    .image = image,
    .unit = dc_units_find (making->profile->units, services[0].unit),
    .app = find_app (making->profile, services[0].unit),
  };
  const int status =
      check_prepared (&service, err) < 0 || fill_service (&service, err) < 0
          ? -1
          : check_secrets (&service, err);
  dc_words_release (&service.lost);
  dc_words_release (&service.others);
  free (service.program);
  return status;
}

static void
forget_texts (struct dc_yaml_texts *texts)
{
  for (size_t i = 0; i < texts->count; i++)
    free (texts->items[i]);
  free (texts->items);
  *texts = (struct dc_yaml_texts){ NULL, 0 };
}

/* Back to decant-init, and why. */
static int
fall_back (struct dc_plan_image *image, struct dc_error *err)
{
  AUTO_FREE char *why = NULL;

  image->init = DC_PLAN_INIT_DECANT;
  forget_texts (&image->command);
  forget_texts (&image->environment);
  dc_free_auto (&image->user);
  dc_free_auto (&image->folder);
  dc_free_auto (&image->stop_signal);
  dc_free_auto (&image->reason);
  image->user = image->folder = image->stop_signal = image->reason = NULL;
  image->stop_timeout_s = 0;
  return dc_text_copy (err->text, &image->reason, err);
}

/* Source: https://systemd.io/CONTAINER_INTERFACE/ (`container`, the signal that
 * asks systemd as process 1 to shut down).
 */
static int
choose_systemd (const struct dc_plan_making *making,
                struct dc_plan_image *image, struct dc_error *err)
{
  static const char *const programs[] = { "/usr/lib/systemd/systemd",
                                          "/lib/systemd/systemd" };

  for (size_t i = 0; i < DC_COUNT (programs); i++)
    if (dc_tree_resolve (making->tree, programs[i]) != DC_TREE_NONE)
      return dc_yaml_texts_add (&image->command, programs[i], err) < 0 ||
                     dc_yaml_texts_add (&image->environment, "container=oci",
                                        err) < 0 ||
                     dc_text_copy ("SIGRTMIN+3", &image->stop_signal, err) < 0
                 ? -1
                 : 0;
  return dc_fail (err, DC_ERR_UNSUPPORTED, "the guest has no systemd");
}

int
dc_plan_choose_inits (const struct dc_plan_making *making, struct dc_error *err)
{
  struct dc_plan_image *images = making->plan->images.items;
  const bool is_grouped = making->options->grouping == DC_PLAN_GROUPS;

  for (size_t i = 0; i < making->plan->images.count; i++) {
    int status = 0;
    if (images[i].init == DC_PLAN_INIT_SERVICE)
      status = choose_service (making, &images[i], err);
    else if (images[i].init == DC_PLAN_INIT_SYSTEMD)
      status = choose_systemd (making, &images[i], err);
    if (status < 0 && (!is_grouped || err->code == DC_ERR_SYSTEM))
      return -1;
    if (status < 0 && fall_back (&images[i], err) < 0)
      return -1;
  }
  return 0;
}
