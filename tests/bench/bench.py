#!/usr/bin/env python3
# decant beside its peers, on the same disk, in one run.
#
#   bench.py [--runs N] [--slow] [--decant PROGRAM] DISK.qcow2
#
# The rounds are interleaved, so that a busy moment hits all alike; what is shown
# are medians, and ratios to `zstd -3` over a ready tar of the same kept files
# (for image) or plain seconds (for analyze).  --slow adds the peers that need the
# libguestfs appliance.  Needs root for the loop mount; timings never decide a
# test.
import argparse, glob, json, os, shutil, statistics, subprocess, sys, tempfile, threading, time

from peak import peak_of_tree

CORES = os.cpu_count ()
FLEET = 100


def measure (row, command, before=None, memory=False):
    if before:
        before ()
    os.sync ()  # nobody waits for what somebody else wrote
    start = time.monotonic ()
    child = subprocess.Popen (command, shell=isinstance (command, str),
                              stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if memory:
        stop, peak = threading.Event (), [0]
        watcher = threading.Thread (target=peak_of_tree, args=(child.pid, stop, peak))
        watcher.start ()
    errors = child.communicate ()[1]
    elapsed = time.monotonic () - start
    if memory:
        stop.set ()
        watcher.join ()
        row['memory'] = max (row.get ('memory', 0), peak[0])
    if child.returncode != 0:
        sys.exit (f"{command}: {errors.decode (errors='replace')}")
    row.setdefault ('times', []).append (elapsed)


def drop_caches ():
    os.sync ()
    try:
        with open ('/proc/sys/vm/drop_caches', 'w') as f:
            f.write ('3')
    except OSError:
        pass


def main ():
    parser = argparse.ArgumentParser ()
    parser.add_argument ('--runs', type=int, default=5)
    parser.add_argument ('--slow', action='store_true')
    parser.add_argument ('--decant', default='./decant')
    parser.add_argument ('disk')
    args = parser.parse_args ()
    decant = os.path.abspath (args.decant)
    disk = os.path.abspath (args.disk)
    work = tempfile.mkdtemp (prefix='decant-bench-', dir=os.environ.get ('TMPDIR', '/var/tmp'))
    os.environ['DECANT_STATE_DIR'] = work + '/state'
    os.chdir (work)
    try:
        bench (args, decant, disk)
    finally:
        subprocess.run (['umount', 'mnt'], stderr=subprocess.DEVNULL)
        os.chdir ('/')
        shutil.rmtree (work)


def bench (args, decant, disk):
    run = lambda command: subprocess.run (command, shell=True, check=True, stdout=subprocess.DEVNULL)
    run (f"qemu-img convert -f qcow2 -O raw '{disk}' disk.raw")
    run (f"qemu-img convert -f qcow2 -O qcow2 -c '{disk}' compressed.qcow2")
    run (f"qemu-img convert -f qcow2 -O vdi '{disk}' disk.vdi")
    shutil.copy (disk, 'disk.qcow2')

    # The ready tar: exactly what decant keeps, from its own layers.
    run (f"'{decant}' image -q disk.raw -o oci:kept")
    digests = json.load (open ('kept/blobs/sha256/' + json.load (
        open ('kept/index.json'))['manifests'][0]['digest'][7:]))['layers']
    for layer in digests:
        run (f"zstd -dcq kept/blobs/sha256/{layer['digest'][7:]} >>kept.tar")
    shutil.rmtree ('kept')
    parts = json.loads (subprocess.check_output (['sfdisk', '-J', 'disk.raw']))
    root = max (parts['partitiontable']['partitions'], key=lambda p: p['size'])
    offset = root['start'] * 512

    def fresh ():
        shutil.rmtree ('out', ignore_errors=True)
        for path in glob.glob ('out*'):
            os.unlink (path)

    os.mkdir ('mnt')
    # Ten copies under ten names each: a hundred would not fit into memory.
    fleet = [f'guest{i}.raw' for i in range (FLEET)]
    for i, name in enumerate (fleet):
        run (f'cp --sparse=always disk.raw {name}' if i < 10 else f'ln guest{i % 10}.raw {name}')
    excludes = '--exclude=./boot --exclude=./usr/lib/modules --exclude=./usr/lib/firmware'
    rows = {
        f'zstd -3 -T{CORES} of the ready tar': (f'zstd -qf -3 -T{CORES} kept.tar -o out.zst', fresh, False),
        'decant image, raw': ([decant, 'image', '-q', 'disk.raw', '-o', 'oci:out'], fresh, True),
        'decant image, qcow2': ([decant, 'image', '-q', 'disk.qcow2', '-o', 'oci:out'], fresh, True),
        'decant image, vdi (NBD)': ([decant, 'image', '-q', 'disk.vdi', '-o', 'oci:out'], fresh, True),
        'decant image, compressed qcow2 (NBD)': ([decant, 'image', '-q', 'compressed.qcow2', '-o', 'oci:out'], fresh, True),
        'decant image, raw, gzip': ([decant, 'image', '-q', 'disk.raw', '-o', 'oci:out', '--compression=gzip'], fresh, True),
        f'loop mount + tar | zstd -3 -T{CORES}': (
            f'mount -o loop,ro,offset={offset} disk.raw mnt && '
            f'tar -C mnt --numeric-owner --xattrs {excludes} -cf - . | zstd -q -3 -T{CORES} -o out.zst; '
            'umount mnt', fresh, False),
        f'pigz -6 -p{CORES} of the ready tar': (f'pigz -kc -6 -p{CORES} kept.tar >out.gz', fresh, False),
        'decant analyze, raw': ([decant, 'analyze', '-q', '--json', 'disk.raw'], None, True),
        'decant analyze, qcow2': ([decant, 'analyze', '-q', '--json', 'disk.qcow2'], None, True),
        'decant analyze --verify-packages, raw': (
            [decant, 'analyze', '-q', '--json', '--verify-packages', 'disk.raw'], None, True),
        f'decant analyze, {FLEET} guests': ([decant, 'analyze', '-q', '--json'] + fleet, None, False),
        'decant analyze, raw, cold cache': ([decant, 'analyze', '-q', '--json', 'disk.raw'], drop_caches, False),
    }
    tried = {name: {} for name in rows}
    for round in range (args.runs + 1):
        for name, (command, before, memory) in rows.items ():
            # The first round warms up, and watches the memory, which costs time.
            measure (tried[name], command, before, memory and round == 0)
            if round == 0:
                tried[name]['times'] = []
    if args.slow:
        tried['virt-tar-out | zstd'] = {}
        measure (tried['virt-tar-out | zstd'], f'virt-tar-out -a disk.raw / - | zstd -q -3 -T{CORES} -o out.zst', fresh)
        tried['virt-inspector'] = {}
        measure (tried['virt-inspector'], 'virt-inspector --format=raw -a disk.raw')

    base = statistics.median (tried[next (iter (rows))]['times'])
    size = os.path.getsize ('kept.tar')
    print (f'{size / 1e6:.0f} MB of tar, {CORES} cores, median of {args.runs} (slow peers: 1)\n')
    print (f"{'':42} {'seconds':>8} {'min':>7} {'ratio':>6} {'memory':>9}")
    for name, row in tried.items ():
        middle = statistics.median (row['times'])
        memory = f"{row['memory'] / 2**20:.0f} MiB" if 'memory' in row else ''
        ratio = '' if 'analyze' in name or 'inspector' in name else f'{middle / base:.2f}'
        print (f"{name:42} {middle:8.3f} {min (row['times']):7.3f} {ratio:>6} {memory:>9}")


main ()
