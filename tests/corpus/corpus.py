#!/usr/bin/python3
# The corpus: real server software as guests, converted with defaults, started,
# probed, started again with its data, stopped.
#
#   corpus.py [--decant PROGRAM] [--cache FOLDER] [--jobs N] [--write FILE]
#             [--keep] [CASE...]
#
# A case is a file in cases/, shell that is sourced:
#
#   suite      of Debian; bookworm if it does not say
#   packages   that are installed
#   outside ()  run beside the guest's root, in $root
#   guest ()    run in the guest's root, as root
#   probe ()    succeeds when the converted system does its work
#   state=kept  write () leaves something, check () finds it after a restart
#   patience    seconds until the probe must succeed; 30 if it does not say
#
# Success is: converted with defaults, starts, passes its probe, starts again
# with its data, and stops by itself within STOP_SECONDS.  Prints a table, one
# line a case; --write FILE makes the page that doc/ keeps.  Exit status 1: a
# case without state= failed, or less than 95 % of all succeeded; 77: guests
# cannot be made here.
#
# Needs root, mmdebstrap, mke2fs, podman or runc, and the network for packages.
import argparse
import concurrent.futures
import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time

HERE = os.path.dirname (os.path.abspath (__file__))
sys.dont_write_bytecode = True
sys.path.insert (0, os.path.join (HERE, "../guests"))
import debian

FILES = os.path.join (HERE, "files")
HOSTS = "127.0.0.1 localhost\n::1 localhost ip6-localhost\n127.0.1.1 corpus\n"
DISK_BYTES = 4 << 30  # sparse
GUEST_SECONDS = 300
IMAGE_SECONDS = 120
STOP_SECONDS = 30
NEEDED = 0.95  # of all cases


class Failed (Exception):
    def __init__ (self, stage, reason):
        super ().__init__ (reason)
        self.stage = stage


class Case:
    def __init__ (self, name):
        self.name = name
        self.path = os.path.join (HERE, "cases", name + ".sh")
        said = subprocess.run (
            ["sh", "-c", '. "$0"; echo "${suite:-bookworm}"; echo "$state"; echo "${patience:-30}";'
             ' echo $packages', self.path],
            check=True, stdout=subprocess.PIPE, text=True).stdout.splitlines ()
        self.suite, state, patience, packages = said
        self.has_state = state == "kept"
        self.patience = int (patience)
        self.packages = packages.split ()
        with open (self.path) as text:
            self.title = text.readline ().lstrip ("# ").strip ()

    def digest (self):
        """Changes when the guest has to be made anew."""
        parts = [self.path] + [os.path.join (FILES, name) for name in sorted (os.listdir (FILES))]
        return hashlib.sha256 ("".join (debian.read (part) for part in parts).encode ()).hexdigest ()

    def call (self, function, environment, **options):
        return subprocess.run (
            ["sh", "-c", '. "$0"; . "$1"; if command -v "$2" >/dev/null; then set -e; "$2"; fi',
             os.path.join (HERE, "functions.sh"), self.path, function],
            env={**os.environ, "files": FILES, **environment}, check=False,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, errors="replace", **options)


def tail (text):
    lines = [line for line in (text or "").strip ().splitlines () if line.strip ()]
    return lines[-1].strip () if lines else ""


def set_up (case, root, kept_archives, cache):
    """What the case does to the system after the installation."""
    done = case.call ("outside", {"root": root, "cache": cache})
    if done.returncode != 0:
        raise Failed ("guest", "outside: " + tail (done.stdout))
    leave = debian.enter (root, kept_archives)
    try:
        script = debian.read (case.path) + "\nif command -v guest >/dev/null; then set -e; guest; fi\n"
        done = subprocess.run (
            ["unshare", "-pf", "--kill-child", "--mount-proc=" + root + "/proc", "chroot", root, "sh"],
            input=script, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
            errors="replace", timeout=GUEST_SECONDS,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                 "LC_ALL": "C.UTF-8", "DEBIAN_FRONTEND": "noninteractive"})
    finally:
        leave ()
    if done.returncode != 0:
        raise Failed ("guest", tail (done.stdout))


def disk_of (case, cache):
    return os.path.join (cache, "disks", case.name + ".raw")


def make_disk (case, cache):
    """The guest as a raw disk."""
    disk = disk_of (case, cache)
    folder = os.path.join (cache, "making-" + case.name)
    root = folder + "/root"
    kept = debian.archives (cache, case.suite)
    shutil.rmtree (folder, ignore_errors=True)
    with open (os.path.join (cache, "apt.lock"), "w") as lock:
        fcntl.flock (lock, fcntl.LOCK_EX)
        debian.overlay (debian.make_base (cache, case.suite, "corpus", HOSTS), folder, root)
        if case.packages:
            with open (folder + "/install.log", "w") as log:
                try:
                    debian.install (root, kept, case.packages, log)
                except subprocess.CalledProcessError as error:
                    raise debian.Unavailable (debian.last_line (folder + "/install.log")) from error
    set_up (case, root, kept, cache)
    os.makedirs (os.path.dirname (disk), exist_ok=True)
    with open (disk + ".partial", "wb") as out:
        out.truncate (DISK_BYTES)
    debian.run ("mke2fs", "-q", "-t", "ext4", "-E", "lazy_itable_init=1", "-d", root, disk + ".partial")
    os.rename (disk + ".partial", disk)
    debian.write (disk + ".digest", case.digest ())
    debian.run ("umount", "--lazy", root)
    shutil.rmtree (folder, ignore_errors=True)


def make (name, cache):
    """All that mounts something, in a process with mounts of its own."""
    try:
        make_disk (Case (name), cache)
    except debian.Unavailable as unavailable:
        print (unavailable)
        sys.exit (77)
    except (Failed, OSError, subprocess.SubprocessError) as failed:
        print (failed)
        sys.exit (1)


def ensure_disk (case, cache):
    """Made once for a case as it stands."""
    disk = disk_of (case, cache)
    if debian.read (disk + ".digest") == case.digest () and os.path.exists (disk):
        return disk
    done = subprocess.run (
        ["unshare", "-m", sys.executable, os.path.abspath (__file__), "--cache", cache, "--make", case.name],
        check=False, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        errors="replace")
    if done.returncode == 77:
        raise debian.Unavailable (tail (done.stdout))
    if done.returncode != 0:
        raise Failed ("guest", tail (done.stdout))
    return disk


class Trial:
    """One case on its way through decant."""

    def __init__ (self, case, options, cache, work):
        self.case, self.options, self.cache, self.work = case, options, cache, work
        self.name = f"corpus-{case.name}-{os.getpid ()}"
        self.reference = "oci:" + work + "/image"
        self.figures = {"name": case.name, "title": case.title, "suite": case.suite}
        self.pid = 0

    def decant (self, stage, *arguments, accepted=(0,)):
        begin = time.monotonic ()
        done = subprocess.run (
            [self.options.decant, *arguments], check=False, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace",
            env={**os.environ, "DECANT_STATE_DIR": self.work + "/state"})
        with open (self.work + "/log", "a") as log:
            log.write (f"$ decant {' '.join (arguments)}\n{done.stderr}{done.stdout}\n")
        if done.returncode not in accepted:
            raise Failed (stage, tail (done.stderr))
        return done.stdout, time.monotonic () - begin

    def start (self):
        out, _ = self.decant ("start", "run", self.reference, "--name", self.name, "--json", "--wait",
                              accepted=(0, 3))
        about = json.loads (out)
        self.pid = about["pid"]
        with open (self.work + "/ports", "w") as ports:
            for port in about["ports"]:
                ports.write (f"{port['port']}/{port['protocol']} {port['host_address']}:{port['host_port']}\n")

    def ask (self, function, stage, patience):
        """Until it succeeds."""
        end = time.monotonic () + patience
        while True:
            try:
                done = self.case.call (function, {
                    "work": self.work, "cache": self.cache, "ports": self.work + "/ports",
                    "pid": str (self.pid)}, timeout=max (patience, 10))
                said = tail (done.stdout)
                if done.returncode == 0:
                    return
            except subprocess.TimeoutExpired:
                said = "no answer in time"
            if time.monotonic () > end:
                raise Failed (stage, said or f"{function} fails")
            time.sleep (0.3)

    def stop (self, *options):
        _, seconds = self.decant ("stop", "stop", *options, self.name)
        self.pid = 0
        if seconds > STOP_SECONDS:
            raise Failed ("stop", f"took {seconds:.0f} s")
        return seconds

    def go (self):
        disk = ensure_disk (self.case, self.cache)
        self.figures["disk_mb"] = os.stat (disk).st_blocks * 512 / 1e6
        _, seconds = self.decant ("image", "image", disk, "-o", self.reference)
        self.figures["image_s"] = seconds
        self.figures["image_mb"] = sum (
            os.path.getsize (os.path.join (folder, file))
            for folder, _, files in os.walk (self.work + "/image") for file in files) / 1e6
        begin = time.monotonic ()
        self.start ()
        self.ask ("probe", "probe", self.case.patience)
        self.figures["run_s"] = time.monotonic () - begin
        if self.case.has_state:
            self.ask ("write", "write", 10)
        self.figures["stop_s"] = self.stop ()
        self.start ()
        self.ask ("probe", "restart", self.case.patience)
        if self.case.has_state:
            self.ask ("check", "data", 10)
        self.stop ("--volumes")

    def tidy (self):
        if self.pid:
            with open (self.work + "/log", "a") as log:
                log.write (logs_of (self.name))
        self.decant ("stop", "stop", "--volumes", self.name, accepted=range (256))
        remove_volumes (self.name)
        if self.options.keep or self.figures["result"] != "ok":
            return
        shutil.rmtree (self.work, ignore_errors=True)


def logs_of (name):
    """What a container of podman's has said."""
    done = subprocess.run (
        ["podman", "ps", "-a", "--filter", "label=io.decant.name=" + name, "--format", "{{.ID}}"],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    for one in done.stdout.split ():
        return subprocess.run (["podman", "logs", one], check=False, stdout=subprocess.PIPE,
                               stderr=subprocess.STDOUT, text=True, errors="replace").stdout
    return ""


def remove_volumes (name):
    """Those of a run that was killed or failed."""
    done = subprocess.run (["podman", "volume", "ls", "-q"], check=False, stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL, text=True)
    for volume in done.stdout.split ():
        if volume.startswith (name + "_"):
            subprocess.run (["podman", "volume", "rm", "-f", volume], check=False,
                            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def try_case (case, options, cache):
    work = os.path.join (cache, "runs", case.name)
    shutil.rmtree (work, ignore_errors=True)
    os.makedirs (work)
    trial = Trial (case, options, cache, work)
    figures = trial.figures
    remove_volumes (trial.name)
    try:
        trial.go ()
        figures["result"] = "ok"
    except Failed as failed:
        figures.update (result="failed", stage=failed.stage, reason=str (failed))
    except debian.Unavailable as unavailable:
        figures.update (result="skipped", stage="guest", reason=str (unavailable))
    except Exception as error:  # the other cases go on
        figures.update (result="failed", stage="harness", reason=f"{type (error).__name__}: {error}")
    try:
        trial.tidy ()
    except Exception as error:
        figures.update (result="failed", stage="tidy", reason=f"{type (error).__name__}: {error}")
    return figures


COLUMNS = [("image_s", "image", "{:.2f} s"), ("run_s", "answers", "{:.1f} s"),
           ("stop_s", "stops", "{:.1f} s"), ("disk_mb", "disk", "{:.0f} MB"),
           ("image_mb", "image size", "{:.0f} MB")]


def cells (figures):
    return [form.format (figures[key]) if key in figures else "-" for key, _, form in COLUMNS]


def verdict (figures):
    if figures["result"] == "ok":
        return "ok"
    return f"{figures['result']}: {figures['stage']}: {figures['reason']}"


def print_line (figures):
    widths = (9, 9, 8, 8, 11)
    parts = [f"{cell:>{width}}" for cell, width in zip (cells (figures), widths)]
    print (f"{figures['name']:<20}{''.join (parts)}  {verdict (figures)}", flush=True)


def summary (results):
    tried = [one for one in results if one["result"] != "skipped"]
    good = [one for one in tried if one["result"] == "ok"]
    return len (good), len (tried), len (results) - len (tried)


def page (results, seconds):
    good, tried, skipped = summary (results)
    lines = [
        "# The corpus: converted servers that really run", "",
        "Made by `make check-corpus` (`tests/corpus/corpus.py`). Each guest is a Debian system with the packages of",
        "its case, as an ext4 disk. It is converted with defaults, started, asked what only a working service answers,",
        "stopped, started again (with its data, where it has any), and stopped. Times are of one run on two cores, with",
        "two cases at a time: `image` is the conversion, `answers` is from `decant run` until the probe succeeds.", "",
        f"**{good} of {tried} succeed**" + (f"; {skipped} could not be made" if skipped else "")
        + f". The whole run took {seconds / 60:.0f} minutes.", "",
        "| case | what it is | " + " | ".join (title for _, title, _ in COLUMNS) + " | result |",
        "|---|---|" + "---:|" * len (COLUMNS) + "---|"]
    for one in results:
        release = "" if one["suite"] == "bookworm" else f" ({one['suite']})"
        lines.append (f"| {one['name']}{release} | {one['title']} | " + " | ".join (cells (one))
                      + " | " + verdict (one).replace ("|", "\\|") + " |")
    return "\n".join (lines) + "\n"


def main ():
    names = sorted (name[:-3] for name in os.listdir (os.path.join (HERE, "cases")) if name.endswith (".sh"))
    parser = argparse.ArgumentParser (description="Convert and try real server software.")
    parser.add_argument ("--decant", default=os.path.join (HERE, "../../decant"))
    parser.add_argument ("--cache", default="corpus-cache")
    parser.add_argument ("--jobs", type=int, default=os.cpu_count ())
    parser.add_argument ("--write")
    parser.add_argument ("--json")
    parser.add_argument ("--keep", action="store_true")
    parser.add_argument ("--make", metavar="CASE", help=argparse.SUPPRESS)
    parser.add_argument ("cases", nargs="*", default=names)
    options = parser.parse_args ()
    unknown = set (options.cases) - set (names)
    if unknown:
        parser.error ("no case " + ", ".join (sorted (unknown)))
    if os.geteuid () != 0 or not shutil.which ("mmdebstrap"):
        print ("SKIP: guests are made by root with mmdebstrap")
        sys.exit (77)
    cache = os.path.abspath (options.cache)
    os.makedirs (cache, exist_ok=True)
    if options.make:
        make (options.make, cache)
        return
    options.decant = os.path.abspath (options.decant)
    begin = time.monotonic ()
    results = []
    with concurrent.futures.ThreadPoolExecutor (options.jobs) as pool:
        tasks = [pool.submit (try_case, Case (name), options, cache) for name in options.cases]
        for task in concurrent.futures.as_completed (tasks):
            results.append (task.result ())
            print_line (results[-1])
    results.sort (key=lambda one: one["name"])
    good, tried, skipped = summary (results)
    print (f"{good} of {tried} succeed, {skipped} could not be made")
    if options.write:
        debian.write (options.write, page (results, time.monotonic () - begin))
    if options.json:
        debian.write (options.json, json.dumps (results, indent=2) + "\n")
    if tried == 0:
        sys.exit (77)
    stateless = [one for one in results if one["result"] == "failed" and not Case (one["name"]).has_state]
    sys.exit (1 if stateless or good < NEEDED * tried else 0)


main ()
