/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <string.h>

#include "analyzer/system/osfamily.h"
#include "lib/cleanup.h"
#include "lib/span.h"

/* IDs of one family, blanks around each. */
static const struct {
  const char *family, *ids;
} families[] = {
  { "debian",
    " debian ubuntu raspbian kali linuxmint devuan pop elementary zorin parrot "
    "mx mxlinux deepin uos pureos tails xbian osmc proxmox cumulus-linux "
    "gardenlinux knoppix trisquel armbian vyos " },
  { "rhel",
    " rhel centos fedora almalinux rocky ol amzn scientific cloudlinux "
    "eurolinux "
    "virtuozzo openEuler openeuler anolis alinux tencentos opencloudos nobara "
    "xenenterprise xcp-ng XCP-ng clearos redhat miraclelinux circle kvmibm hce "
    "euleros rhcos fedora-asahi-remix bclinux kylin navylinux " },
  { "suse",
    " suse opensuse opensuse-leap opensuse-tumbleweed opensuse-microos "
    "opensuse-leap-micro sles sled sles_sap sle-micro sle_hpc suse-microos "
    "sl-micro slowroll " },
  { "alpine", " alpine postmarketos wolfi chainguard adelie " },
  { "arch", " arch archlinux archarm manjaro manjaro-arm antergos arcolinux "
            "endeavouros "
            "cachyos artix garuda steamos blackarch parabola " },
  { "mandriva", " mandriva mandrivalinux mandrakelinux mageia openmandriva "
                "rosa " },
  { "azurelinux", " azurelinux mariner " },
  { "photon", " photon " },
  { "coreos", " coreos flatcar " },
  { "cos", " cos " },
  { "rancheros", " rancheros " },
  { "bottlerocket", " bottlerocket " },
  { "wrlinux", " wrlinux ios_xr nexus " },
  { "gentoo", " gentoo funtoo calculate " },
  { "slackware", " slackware salix " },
  { "nixos", " nixos " },
  { "guix", " guix " },
  { "void", " void " },
  { "exherbo", " exherbo " },
  { "clear-linux-os", " clear-linux-os " },
  { "altlinux", " altlinux " },
  { "openwrt", " openwrt lede " },
  { "buildroot", " buildroot " },
  { "openelec", " openelec libreelec " },
  { "bsd", " freebsd openbsd netbsd dragonfly midnightbsd ghostbsd " },
  { "solaris", " solaris illumos omnios openindiana smartos tribblix " },
  { "windows", " windows reactos " },
  { "dos", " dos freedos " },
  { "macos", " macos " },
  { "minix", " minix " },
};

/* IDs of systems with another kernel than Linux. */
static const struct {
  const char *id, *kernel;
} kernels[] = {
  { "freebsd", "freebsd" },
  { "ghostbsd", "freebsd" },
  { "midnightbsd", "freebsd" },
  { "openbsd", "openbsd" },
  { "netbsd", "netbsd" },
  { "dragonfly", "dragonfly" },
  { "solaris", "solaris" },
  { "illumos", "illumos" },
  { "omnios", "illumos" },
  { "openindiana", "illumos" },
  { "smartos", "illumos" },
  { "tribblix", "illumos" },
  { "windows", "windows" },
  { "reactos", "reactos" },
  { "freedos", "dos" },
  { "dos", "dos" },
  { "macos", "darwin" },
  { "minix", "minix" },
  { "hurd", "hurd" },
  { "haiku", "haiku" },
  { "aix", "aix" },
  { "esxi", "vmkernel" },
};

static const char *
find_family (struct dc_span id)
{
  for (size_t i = 0; i < DC_COUNT (families); i++) {
    struct dc_span rest = dc_span_of (families[i].ids), word;
    while (dc_span_word (&rest, &word))
      if (dc_span_compare (word, id) == 0)
        return families[i].family;
  }
  return NULL;
}

const char *
dc_osfamily_of (const char *id, const char *id_like)
{
  const char *family = id != NULL ? find_family (dc_span_of (id)) : NULL;
  struct dc_span rest = dc_span_of (id_like != NULL ? id_like : ""), word;

  while (family == NULL && dc_span_word (&rest, &word))
    family = find_family (word);
  return family;
}

const char *
dc_osfamily_kernel (const char *id)
{
  for (size_t i = 0; id != NULL && i < DC_COUNT (kernels); i++)
    if (strcmp (kernels[i].id, id) == 0)
      return kernels[i].kernel;
  return "linux";
}
