#!/bin/sh
# Definitions of machines that others made, against what libvirt and virt-v2v
# say of them; all others are read or refused with one sentence.
. "${0%/*}/functions.sh"
requires /usr/bin/python3 --version
dump=$top_builddir/tests/functional/dump-machine
data=$(data ovf)

/usr/bin/python3 - "$dump" "$data" <<'END_OF_TEST' || fail 'see above'
import glob, json, os, re, subprocess, sys, xml.etree.ElementTree as tree
dump, data = sys.argv[1:]
bad = 0
def fail (*words):
    global bad
    print (*words)
    bad = 1
def same (path, what, want, got):
    if want != got:
        fail (f'{path}: {what}: expected {want!r}, got {got!r}')
def read (kind, path):
    run = subprocess.run ([dump, kind, path], capture_output=True)
    if run.returncode != 0 or run.stderr:
        fail (path, 'ended with', run.returncode, run.stderr)
    line = run.stdout.decode ().rstrip ('\n')
    if '\n' in line or len (line) < 3:
        fail (path, 'said', line)
    return json.loads (line) if line.startswith ('{') else line
def tail (name): # '[datastore] directory/x.vmdk'
    return name.split ('/')[-1]

# libvirt's reading of VMX files.  It knows the networks by more words, and
# gives defaults for what a file does not say.
count = 0
for path in sorted (glob.glob (data + '/libvirt/vmx2xmldata/*.vmx')):
    own = read ('vmx', path)
    if not os.path.exists (path[:-3] + 'xml') or \
       open (path[:-3] + 'xml').read (1) != '<': # a link of Git's
        continue
    text = open (path, 'rb').read ().decode ('utf-8', 'replace').lower ()
    if isinstance (own, str):
        fail (path, 'is refused:', own)
        continue
    count += 1
    domain = tree.parse (path[:-3] + 'xml').getroot ()
    if 'displayname' in text:
        same (path, 'name', domain.findtext ('name'), own['name'])
    if 'uuid.bios' in text:
        same (path, 'uuid', domain.findtext ('uuid'), own['uuid'])
    if 'memsize' in text:
        same (path, 'memory', int (domain.findtext ('memory')) * 1024, own['memory_bytes'])
    if 'numvcpus' in text:
        same (path, 'cpus', int (domain.findtext ('vcpu')), own['cpus'])
    same (path, 'firmware', domain.find ('os').get ('firmware'),
          own['firmware'] if own['firmware'] == 'efi' else None)
    same (path, 'disks', [tail (d.find ('source').get ('file'))
          for d in domain.iter ('disk') if d.get ('device') == 'disk'],
          [tail (d['file']) for d in own['disks']])
    same (path, 'cards', [n.find ('mac').get ('address').lower ()
          for n in domain.iter ('interface')],
          [(n['mac'] or '00:00:00:00:00:00').lower () for n in own['nics']])
    for nic, card in zip (own['nics'], domain.iter ('interface')):
        source = card.find ('source')
        if source is not None and source.get ('bridge'):
            same (path, 'network', source.get ('bridge'), nic['network'])
        model = card.find ('model')
        if model is not None:
            same (path, 'model', model.get ('type'), (nic['model'] or '').lower ())
print (count, 'VMX files as libvirt reads them')
if count < 25:
    fail ('too few')

# virt-v2v --print-source
count = 0
for path in sorted (glob.glob (data + '/libguestfs+virt-v2v/tests/*.expected*')):
    base = re.sub (r'\.expected2?$', '', path)
    kind = 'vmx' if os.path.exists (base + '.vmx') else 'ovf'
    own, text = read (kind, base + '.' + kind), open (path).read ()
    if isinstance (own, str):
        fail (base, 'is refused:', own)
        continue
    count += 1
    def value (name):
        return re.search (r'^\s*' + name + r': (.*)$', text, re.M).group (1)
    same (base, 'name', value ('source name'), own['name'])
    same (base, 'memory', int (value ('memory').split ()[0]), own['memory_bytes'])
    same (base, 'cpus', int (value ('nr vCPUs')), own['cpus'] or 1)
    same (base, 'firmware', {'uefi': 'efi', 'unknown': None}.get (
          value ('firmware'), value ('firmware')), own['firmware'] or
          (None if value ('firmware') == 'unknown' else 'bios'))
    listed = text.split ('\ndisks:')[1].split ('removable')[0]
    same (base, 'disks', len (re.findall (r'^\t.* \[\w+\]$', listed, re.M)), len (own['disks']))
    nics = re.findall (r'^\t(?:Bridge|Network) "(.*?)"(?: mac: (\S+))?(?: \[(\w+)\])?', text, re.M)
    same (base, 'networks', [n[0] for n in nics], [n['network'] for n in own['nics']])
print (count, 'definitions as virt-v2v reads them')
if count < 5:
    fail ('too few')

# Real appliances, and broken ones.
told, read_count = [], 0
for path in sorted (glob.glob (data + '/**/*.ovf', recursive=True)):
    own = read ('ovf', path)
    if isinstance (own, str):
        told.append (own.replace (data, ''))
        continue
    read_count += 1
    for key in 'cpus', 'memory_bytes':
        if own[key] is not None and own[key] <= 0:
            fail (path, key, own[key])
print (read_count, 'OVF files read,', len (told), 'refused:')
print (*told, sep='\n')
if read_count < 80:
    fail ('too few')
sys.exit (bad)
END_OF_TEST
