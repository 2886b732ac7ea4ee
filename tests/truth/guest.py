# guest: the Debian systems in which server packages are installed, for
# record.py and compare.py.  What an installation of a group adds is in
# CACHE/GROUP.
import os
import shutil
import subprocess
import sys

HERE = os.path.dirname (os.path.abspath (__file__))
sys.path.insert (0, os.path.join (HERE, "../guests"))
from debian import (Unavailable, archives, install, last_line, make_base, overlay, private_mounts,
                    read, run, write)

SUITE = "bookworm"
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 truth\n"


def change_of (group):
    """The script that makes GROUP of the group without "-changed", or None."""
    plain, _, suffix = group.partition ("-")
    return os.path.join (HERE, "changes", plain + ".sh") if suffix == "changed" else None


def read_groups ():
    """Name to list of packages, of groups.txt; and the changed ones."""
    groups = {}
    with open (os.path.join (HERE, "groups.txt")) as lines:
        for line in lines:
            name, _, packages = line.strip ().partition (":")
            if not line.strip () or line.startswith ("#"):
                continue
            groups[name] = packages.split ()
            if os.path.exists (change_of (name + "-changed")):
                groups[name + "-changed"] = packages.split ()
    return groups


def make_guest (cache, group, packages):
    """The folders of the guest, lowest last, as overlayfs wants them."""
    base = make_base (cache, SUITE, "truth", HOSTS)
    folder = os.path.join (cache, group)
    if not packages:
        return base
    wanted = " ".join (packages) + "\n"
    if read (folder + "/complete") != wanted:
        shutil.rmtree (folder, ignore_errors=True)
        overlay (base, folder, folder + "/root")
        try:
            with open (folder + "/install.log", "w") as log:
                install (folder + "/root", archives (cache, SUITE), packages, log)
        except subprocess.CalledProcessError as error:
            raise Unavailable (f"{group}: {last_line (folder + '/install.log')}") from error
        run ("umount", "--lazy", folder + "/root")
        write (folder + "/complete", wanted)
    return f"{folder}/upper:{base}"


def mount_guest (cache, group, packages, target, scratch):
    """Mount it at TARGET; what is written there goes to the folder SCRATCH."""
    overlay (make_guest (cache, group.partition ("-")[0], packages), scratch, target)
    if change_of (group):
        with open (change_of (group)) as script:
            run ("chroot", target, "sh", "-e", stdin=script)
