#!/bin/sh
# A Windows by its registry: hives that hivex wrote are read as hivex reads
# them; without them, or with broken ones, there is still an honest verdict.
. "${0%/*}/functions.sh"
requires jq --version
requires perl -MWin::Hivex::Regedit -e ''
requires /usr/bin/python3 -c ''
config=guest/Windows/System32/config
mkdir -p "$config"

# hive NAME: from stdin, whose keys need their parents first.
hive () {
  /usr/bin/python3 "$top_srcdir/tests/functional/make-hive.py" "$config/$1"
  {
    echo 'Windows Registry Editor Version 5.00'
    cat
  } >"$1.reg"
  hivexregedit --merge --prefix "HKEY_LOCAL_MACHINE\\$1" "$config/$1" "$1.reg"
}
# key PATH: the lines that make it and its parents.
key () {
  printf '%s\n' "$1" | awk -F'\\' '{
    path = "HKEY_LOCAL_MACHINE"
    for (i = 1; i <= NF; i++) { path = path "\\" $i; if (i > 1) print "\n[" path "]" }
  }'
}
{
  key 'SOFTWARE\Microsoft\Windows NT\CurrentVersion'
  cat <<'END'
"ProductName"="Windows Server 2019 Standard"
"EditionID"="ServerStandard"
"InstallationType"="Server Core"
"CurrentVersion"="6.3"
"CurrentBuild"="17763"
"CurrentMajorVersionNumber"=dword:0000000a
"CurrentMinorVersionNumber"=dword:00000000
"UBR"=dword:000004d2
"ReleaseId"="1809"
END
  key 'SOFTWARE\Microsoft\ServerManager\ServicingStorage\ServerComponentCache\Web-Server'
  echo '"InstallState"=dword:00000001'
  key 'SOFTWARE\Microsoft\ServerManager\ServicingStorage\ServerComponentCache\DNS'
  echo '"InstallState"=dword:00000000'
  key 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\{1}'
  echo '"DisplayVersion"="1.2"'
  # "Größe €" in UTF-16, which hivexregedit takes as bytes only.
  echo '"DisplayName"=hex(1):47,00,72,00,f6,00,df,00,65,00,20,00,ac,20,00,00'
  key 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall\patch'
} | hive SOFTWARE
{
  key 'SYSTEM\Select'
  echo '"Current"=dword:00000002'
  key 'SYSTEM\ControlSet002\Control\ComputerName\ComputerName'
  echo '"ComputerName"="WEB01"'
  key 'SYSTEM\ControlSet002\Control\Session Manager\Environment'
  echo '"PROCESSOR_ARCHITECTURE"="AMD64"'
  n=0
  while [ $n -lt 600 ]; do
    key "SYSTEM\\ControlSet002\\Services\\Service$n" | tail -2
    printf '"Type"=dword:000000%s\n"Start"=dword:0000000%s\n' \
      "$([ $((n % 2)) = 0 ] && echo 20 || echo 01)" $((n % 5))
    n=$((n + 1))
  done | { key 'SYSTEM\ControlSet002\Services'; cat; }
  key 'SYSTEM\ControlSet002\Services\W3SVC' | tail -2
  cat <<'END'
"Type"=dword:00000010
"Start"=dword:00000002
"DisplayName"="World Wide Web"
"ImagePath"="C:\\inetpub\\svc.exe -k"
"ObjectName"="LocalSystem"
END
} | hive SYSTEM

"$decant" analyze dir:guest --json >profile.json
same 'os' "$(jq -c '.os | [.id, .family, .kernel, .pretty_name, .version_id, .release, .confidence, .evidence.file]' profile.json)" \
  '["windows","windows","windows","Windows Server 2019 Standard","10.0","10.0.17763.1234","declared","/Windows/System32/config/SOFTWARE"]'
same 'machine' "$(jq -c '[.hostname, .architecture]' profile.json)" \
  '["WEB01","amd64"]'
same 'edition' "$(jq -c '.windows | [.edition, .installation, .feature_update, .roles, .programs]' profile.json)" \
  '["ServerStandard","Server Core","1809",["Web-Server"],[{"name":"Größe €","version":"1.2"}]]'
same 'service' "$(jq -c '.windows.services[] | select (.name == "W3SVC")' profile.json)" \
  '{"name":"W3SVC","display_name":"World Wide Web","start":"auto","program":"C:\\inetpub\\svc.exe -k","account":"LocalSystem"}'
# Drivers are none; what starts is what hivex reads.
same 'services' "$(jq '.windows.services | length' profile.json)" 301
same 'starts' \
  "$(jq -r '.windows.services[] | select (.start == "auto") | .name' profile.json | sort)" \
  "$(hivexregedit --export "$config/SYSTEM" '\ControlSet002\Services' |
    awk '/^\[/ { sub (/.*\\/, ""); sub (/\]/, ""); name = $0 }
      /^"Type"=dword:000000[12]0/ { is[name] = 1 }
      /^"Start"=dword:0000000[012]/ { auto[name] = 1 }
      END { for (n in is) if (auto[n]) print n }' | sort)"
same 'findings' "$(jq -r '.findings[].text' profile.json)" \
  'Windows, not analysed further'
"$decant" analyze dir:guest >text.txt
grep -q '^Windows Server 2019 Standard, release 10.0.17763.1234, amd64' text.txt ||
  fail "the head: $(head -1 text.txt)"
grep -q 'roles and features: Web-Server' text.txt || fail 'no roles in the text'
refuses 1 'the guest is Windows Server 2019 Standard, and only a Linux system' \
  "$decant" image dir:guest -o oci:out
if /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  /usr/bin/python3 - "$top_srcdir/doc/profile.schema.json" profile.json <<'END' ||
import json, jsonschema, sys
jsonschema.validate (json.load (open (sys.argv[2])), json.load (open (sys.argv[1])))
END
    fail 'the schema'
fi

# Every bit of damage is survived, and the system is still a Windows.
cp -r guest broken
n=0
while [ $n -lt 60 ]; do
  cp "$config/SYSTEM" broken/Windows/System32/config/SYSTEM
  /usr/bin/python3 - broken/Windows/System32/config/SYSTEM $n <<'END'
import random, sys
random.seed (int (sys.argv[2]))
data = bytearray (open (sys.argv[1], "rb").read ())
for _ in range (200):
    data[random.randrange (0x1000, len (data))] = random.randrange (256)
open (sys.argv[1], "wb").write (data[:random.randrange (100, len (data))])
END
  "$decant" analyze dir:broken --json >broken.json || fail "damage $n"
  same "damage $n" "$(jq -r .os.id broken.json)" windows
  n=$((n + 1))
done
printf 'regf' >broken/Windows/System32/config/SYSTEM
"$decant" analyze dir:broken --json >broken.json
jq -r '.findings[].text' broken.json >findings.txt
grep -q 'the registry: SYSTEM: no hive of a registry' findings.txt ||
  fail "findings: $(cat findings.txt)"
same 'the other hive' "$(jq -r .windows.product broken.json)" \
  'Windows Server 2019 Standard'
printf '\377' | dd of=broken/Windows/System32/config/SOFTWARE bs=1 seek=4 \
  conv=notrunc 2>/dev/null
"$decant" analyze dir:broken --json >broken.json
jq -r '.findings[].id' broken.json | grep -q windows.unclean ||
  fail 'an unclean hive is not said'
rm -r broken/Windows/System32/config
touch broken/Windows/System32/ntoskrnl.exe
"$decant" analyze dir:broken --json >broken.json
same 'no hives' "$(jq -c '[.os.id, .os.confidence, .windows]' broken.json)" \
  '["windows","inferred",null]'
