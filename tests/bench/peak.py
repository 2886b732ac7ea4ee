#!/usr/bin/env python3
# The most memory that a command and all its processes hold at a time.
#
#   peak.py COMMAND...    prints the bytes on stderr's last line
import os, subprocess, sys, threading


def peak_of_tree (pid, stop, result):
    """Sum of the resident memory of PID and all below it, at its highest."""
    page = os.sysconf ('SC_PAGE_SIZE')
    while not stop.is_set ():
        parents, sizes = {}, {}
        for entry in os.scandir ('/proc'):
            if not entry.name.isdigit ():
                continue
            try:
                with open (f'/proc/{entry.name}/stat') as f:
                    fields = f.read ().rpartition (')')[2].split ()
                with open (f'/proc/{entry.name}/statm') as f:
                    counts = f.read ().split ()
            except OSError:
                continue
            parents[int (entry.name)] = int (fields[1])
            # Private pages only: what a fork shares with its parent counts once.
            sizes[int (entry.name)] = (int (counts[1]) - int (counts[2])) * page
        total = 0
        for child in sizes:
            at = child
            while at in parents and at != pid:
                at = parents[at]
            if at == pid:
                total += sizes[child]
        result[0] = max (result[0], total)
        stop.wait (0.01)


def main ():
    child = subprocess.Popen (sys.argv[1:])
    stop, peak = threading.Event (), [0]
    watcher = threading.Thread (target=peak_of_tree, args=(child.pid, stop, peak))
    watcher.start ()
    status = child.wait ()
    stop.set ()
    watcher.join ()
    print (peak[0], file=sys.stderr)
    sys.exit (status)


if __name__ == '__main__':
    main ()
