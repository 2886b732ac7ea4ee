# debian: Debian systems with server packages, for truth/ and corpus/.
#
# A system is two folders: CACHE/base-SUITE, made by mmdebstrap, and on top of
# it by overlayfs what an installation adds.  Nothing is started while packages
# are installed, as in an image that is being built.
import os
import shutil
import subprocess
import sys

BASE_PACKAGES = "systemd-sysv,dbus,iproute2,ca-certificates"
DENY_STARTS = "#!/bin/sh\nexit 101\n"


class Unavailable (Exception):
    """The packages cannot be had or installed on this machine."""


def run (*command, **options):
    return subprocess.run (command, check=True, **options)


def private_mounts ():
    """Start this program again with mounts that nobody else sees and that end with it."""
    if "PRIVATE_MOUNTS" in os.environ:
        return
    os.environ["PRIVATE_MOUNTS"] = "yes"
    os.execvp ("unshare", ["unshare", "-m", sys.executable] + sys.argv)


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


def make_base (cache, suite, name, hosts):
    """A system of SUITE called NAME, where it is not made already."""
    base = os.path.join (cache, "base" if suite == "bookworm" else "base-" + suite)
    os.makedirs (archives (cache, suite) + "/partial", exist_ok=True)
    if os.path.isdir (base):
        return base
    partial = base + ".partial"
    shutil.rmtree (partial, ignore_errors=True)
    try:
        run ("mmdebstrap", "--quiet", "--variant=apt", "--include=" + BASE_PACKAGES, suite, partial)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable (f"no {suite}: {error}") from error
    write (partial + "/etc/hostname", name + "\n")
    write (partial + "/etc/hosts", hosts)
    os.rename (partial, base)
    return base


def archives (cache, suite):
    """Where the packages that were fetched stay; their names tell releases apart."""
    return os.path.join (cache, "archives" if suite == "bookworm" else "archives-" + suite)


def overlay (lower, folder, target):
    for name in ("upper", "work"):
        os.makedirs (os.path.join (folder, name), exist_ok=True)
    os.makedirs (target, exist_ok=True)
    run ("mount", "-t", "overlay", "overlay", target, "-o",
         f"lowerdir={lower},upperdir={folder}/upper,workdir={folder}/work")


def enter (root, kept_archives):
    """What a program in ROOT needs; a function that takes it away again."""
    mounts = [("--bind", kept_archives, root + "/var/cache/apt/archives"),
              ("--bind", "/dev", root + "/dev"),
              ("-tproc", "proc", root + "/proc")]
    for kind, source, target in mounts:
        run ("mount", kind, source, target)
    write (root + "/usr/sbin/policy-rc.d", DENY_STARTS, 0o755)
    write (root + "/etc/resolv.conf", read ("/etc/resolv.conf") or "")

    def leave ():
        for _, _, target in reversed (mounts):
            run ("umount", "--lazy", target)
        os.remove (root + "/usr/sbin/policy-rc.d")
        os.remove (root + "/etc/resolv.conf")
    return leave


def install (root, kept_archives, packages, log):
    """In a system without processes, whose archives of packages are kept."""
    environment = dict (os.environ, DEBIAN_FRONTEND="noninteractive", LC_ALL="C.UTF-8")
    options = ["-qq", "-y", "--no-install-recommends",
               "-o", "Dpkg::Options::=--force-unsafe-io",
               "-o", "APT::Keep-Downloaded-Packages=true"]
    leave = enter (root, kept_archives)
    try:
        for command in (["update"], ["install", *packages]):
            run ("chroot", root, "apt-get", *options, *command, env=environment,
                 stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    finally:
        leave ()


def last_line (path):
    with open (path, errors="replace") as lines:
        return (lines.read ().strip ().splitlines () or ["no packages"])[-1]
