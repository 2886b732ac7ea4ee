/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "templates/collect.h"

const char dc_collect_script[] = {
#include "templates/collect.inc"
};
const size_t dc_collect_script_size = sizeof dc_collect_script;
