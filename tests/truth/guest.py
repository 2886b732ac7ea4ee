# guest: the Debian systems in which server packages are installed, for
# record.py and compare.py.
#
# A system is two folders: CACHE/base, made by mmdebstrap, and on top of it by
# overlayfs what the installation of a group adds, in CACHE/GROUP.  Nothing
# is started while packages are installed, as in an image that is being built.
import os
import shutil
import subprocess
import sys

SUITE = "bookworm"
BASE_PACKAGES = "systemd-sysv,dbus,iproute2,ca-certificates"
HERE = os.path.dirname (os.path.abspath (__file__))
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 truth\n"
DENY_STARTS = "#!/bin/sh\nexit 101\n"


class Unavailable (Exception):
    """The packages cannot be had or installed on this machine."""


def run (*command, **options):
    return subprocess.run (command, check=True, **options)


def private_mounts ():
    """Start this program again with mounts that nobody else sees and that end with it."""
    if "TRUTH_MOUNTS" in os.environ:
        return
    os.environ["TRUTH_MOUNTS"] = "private"
    os.execvp ("unshare", ["unshare", "-m", sys.executable] + sys.argv)


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


def read (path):
    """The text of a file, None without it."""
    try:
        with open (path) as file:
            return file.read ()
    except FileNotFoundError:
        return None


def write (path, text, mode=0o644):
    with open (path, "w") as out:
        out.write (text)
    os.chmod (path, mode)


def make_base (cache):
    base = os.path.join (cache, "base")
    os.makedirs (os.path.join (cache, "archives/partial"), exist_ok=True)
    if os.path.isdir (base):
        return base
    partial = base + ".partial"
    shutil.rmtree (partial, ignore_errors=True)
    run ("mmdebstrap", "--quiet", "--variant=apt", "--include=" + BASE_PACKAGES, SUITE, partial)
    write (partial + "/etc/hostname", "truth\n")
    write (partial + "/etc/hosts", HOSTS)
    os.rename (partial, base)
    return base


def overlay (lower, folder, target):
    for name in ("upper", "work"):
        os.makedirs (os.path.join (folder, name), exist_ok=True)
    os.makedirs (target, exist_ok=True)
    run ("mount", "-t", "overlay", "overlay", target, "-o",
         f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work")


def install (root, archives, packages, log):
    """In a system without processes, whose archives of packages are kept."""
    write (root + "/usr/sbin/policy-rc.d", DENY_STARTS, 0o755)
    mounts = [("--bind", archives, root + "/var/cache/apt/archives"),
              ("--bind", "/dev", root + "/dev"),
              ("-tproc", "proc", root + "/proc")]
    for kind, source, target in mounts:
        run ("mount", kind, source, target)
    environment = dict (os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    write (root + "/etc/resolv.conf", read ("/etc/resolv.conf") or "")
    options = ["-qq", "-y", "--no-install-recommends",
               "-o", "Dpkg::Options::=--force-unsafe-io",
               "-o", "APT::Keep-Downloaded-Packages=true"]
    try:
        for command in (["update"], ["install", *packages]):
            run ("chroot", root, "apt-get", *options, *command, env=environment,
                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    finally:
        for _, _, target in reversed (mounts):
            run ("umount", "--lazy", target)
    os.remove (root + "/usr/sbin/policy-rc.d")
    os.remove (root + "/etc/resolv.conf")


def last_line (path):
    with open (path, errors="replace") as lines:
        return (lines.read ().strip ().splitlines () or ["no packages"])[-1]


def make_guest (cache, group, packages):
    """The folders of the guest, lowest last, as overlayfs wants them."""
    base = make_base (cache)
    folder = os.path.join (cache, group)
    if not packages:
        return base
    wanted = " ".join (packages) + "\n"
    if read (folder + "/complete") != wanted:
        shutil.rmtree (folder, ignore_errors=True)
        overlay (base, folder, folder + "/root")
        try:
            with open (folder + "/install.log", "w") as log:
                install (folder + "/root", os.path.join (cache, "archives"), packages, log)
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
