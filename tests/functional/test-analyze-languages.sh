#!/bin/sh
# Packages of programming languages, installed by their own tools, are those
# that the tools themselves list.  Each tool that is missing is named, and its
# part left out.
. "${0%/*}/functions.sh"
requires jq --version
mkdir -p guest/etc parts
echo 'ID=debian' >guest/etc/os-release
export HOME=$work

# part NAME COMMAND...: run part_NAME if the command works; it writes lines
# "NAME VERSION" of what its tool lists into parts/NAME.
tested=
part () {
  name=$1
  shift
  "$@" >part.log 2>&1 || { echo "without $name: '$*' does not work"; return; }
  "part_$name"
  tested="$tested $name"
}

part_pip () {
  mkdir -p py
  cat >py/setup.py <<'END'
from setuptools import setup
setup (name="Odd.Name_x", version="1.0.post2", py_modules=["odd"])
END
  : >py/odd.py
  /usr/bin/python3 -m pip install --no-index --no-build-isolation --no-deps \
    --root-user-action ignore --target guest/opt/venv/lib/site-packages ./py
  (cd py && /usr/bin/python3 setup.py -q egg_info)
  mkdir -p guest/srv/src
  cp -r py/*.egg-info guest/srv/src/
  for folder in guest/opt/venv/lib/site-packages guest/srv/src; do
    /usr/bin/python3 -m pip list --path "$folder" --format json |
      jq -r '.[] | .name + " " + .version'
  done >parts/pip
  # What the distribution brought is not listed, what pip put beside it is.
  mkdir -p guest/usr/lib/python3/dist-packages/theirs-1.dist-info
  echo 'Name: theirs' \
    >guest/usr/lib/python3/dist-packages/theirs-1.dist-info/METADATA
  cp -r guest/opt/venv/lib/site-packages/*.dist-info \
    guest/usr/lib/python3/dist-packages/
  head -n1 parts/pip >>parts/pip
}

part_npm () {
  mkdir -p a b guest/srv/app
  echo '{"name":"left-a","version":"1.2.3"}' >a/package.json
  echo '{"name":"@scope/b","version":"0.1.0-rc.1"}' >b/package.json
  (cd guest/srv/app && echo '{"name":"app","version":"9"}' >package.json &&
    npm install --offline --no-audit --no-fund "$(npm pack -s ../../../a)" \
      "$(npm pack -s ../../../b)")
  (cd guest/srv/app && npm ls --all --json) |
    jq -r '.. | .dependencies? // {} | to_entries[] |
      .key + " " + .value.version' >parts/npm
}

part_gem () {
  mkdir -p ruby guest/var/lib/gems
  cat >ruby/x.gemspec <<'END'
Gem::Specification.new do |s|
  s.name = "odd-2name"; s.version = "1.0.0.pre1"; s.summary = "x"
  s.authors = ["x"]; s.files = []
end
END
  (cd ruby && gem build x.gemspec && gem install --local --no-document \
    --install-dir ../guest/var/lib/gems/3.1.0 ./*.gem)
  GEM_HOME=$work/guest/var/lib/gems/3.1.0 GEM_PATH=$work/none \
    gem list --local | sed -n 's/^\(.*\) (\([0-9][^ )]*\))$/\1 \2/p' >parts/gem
}

part_composer () {
  mkdir -p php guest/srv/php
  echo '{"name":"acme/lib","version":"2.1.0"}' >php/composer.json
  cat >guest/srv/php/composer.json <<'END'
{ "repositories": [ { "type": "path", "url": "../../../php",
    "options": { "symlink": false } }, { "packagist.org": false } ],
  "require": { "acme/lib": "*" } }
END
  (cd guest/srv/php && COMPOSER_ALLOW_SUPERUSER=1 composer -n -q install &&
    COMPOSER_ALLOW_SUPERUSER=1 composer -n show --format=json) |
    jq -r '.installed[] | .name + " " + .version' >parts/composer
}

# pom.properties as the Maven Archiver writes it.
pom () {
  mkdir -p "$1/META-INF/maven/$2/$3"
  printf '#Created by Maven\ngroupId=%s\nartifactId=%s\nversion=%s\n' \
    "$2" "$3" "$4" >"$1/META-INF/maven/$2/$3/pom.properties"
}
part_java () {
  mkdir -p guest/opt/java classes/BOOT-INF/lib
  pom inner org.slf4j slf4j-api 2.0.9
  (cd inner && jar cf ../classes/BOOT-INF/lib/slf4j-api.jar .)
  pom classes com.acme shop 1.4-SNAPSHOT
  (cd classes && jar c0f ../guest/opt/java/stored.jar . &&
    jar cf ../guest/opt/java/packed.war .)
  printf 'Bundle-SymbolicName: org.osgi.x;singleton:=true\nBundle-Version: 3\n' \
    >manifest
  jar cfm guest/opt/java/y.jar manifest part.log
  # What merged others into itself, without a description of its own.
  jar cfm guest/opt/java/merged.jar manifest -C inner META-INF
  jar cf guest/opt/java/commons-io-2.11.0.jar part.log
  # A program that unpacks itself is in front.
  (echo '#!/bin/sh'; cat guest/opt/java/commons-io-2.11.0.jar) \
    >guest/opt/java/self-1.2.jar
  printf '%s\n' 'com.acme:shop 1.4-SNAPSHOT' 'com.acme:shop 1.4-SNAPSHOT' \
    'org.slf4j:slf4j-api 2.0.9' 'slf4j-api ' 'org.osgi.x 3' \
    'org.slf4j:slf4j-api 2.0.9' 'org.osgi.x 3' \
    'commons-io 2.11.0' 'self 1.2' >parts/java
}

part_go () {
  mkdir -p go/dep go/other guest/usr/local/bin
  printf 'module example.org/dep\n' >go/dep/go.mod
  printf 'package dep\nfunc X () {}\n' >go/dep/dep.go
  cat >go/go.mod <<'END'
module example.org/tool
require example.org/dep v1.2.3
replace example.org/dep => ./dep
END
  printf 'package main\nimport "example.org/dep"\nfunc main () { dep.X () }\n' \
    >go/main.go
  (cd go && GOPROXY=off GOFLAGS=-mod=mod GOPATH=$work/gopath \
    GOCACHE=$work/cache CGO_ENABLED=0 \
    go build -o ../guest/usr/local/bin/tool .)
  # A folder in place of a module has no version.
  go version -m guest/usr/local/bin/tool | awk -F '\t' '
    NR == 1 { sub (/.*: go/, ""); print "stdlib " $0 }
    ($2 == "mod" || $2 == "dep") && name { print name " " version }
    $2 == "mod" || $2 == "dep" { name = $3; version = $4 }
    $2 == "=>" { version = $3 ~ /^[.\/]/ ? "" : $4 }
    END { print name " " version }' | sed 's/(devel)//' >parts/go
}

# The section that `cargo auditable` adds, by its documentation.
part_cargo () {
  mkdir -p guest/opt/bin
  /usr/bin/python3 - <<'END'
import json, zlib
crates = [{"name": "adler", "version": "0.2.3", "source": "registry"},
          {"name": "cc", "version": "1.0", "source": "registry",
           "kind": "build"}]
with open ("deps", "wb") as f:
    f.write (zlib.compress (json.dumps ({"packages": crates}).encode ()))
END
  objcopy --add-section .dep-v0=deps "$(command -v bash)" guest/opt/bin/rusty
  echo 'adler 0.2.3' >parts/cargo
}

part_flatpak () {
  export FLATPAK_SYSTEM_DIR=$work/guest/var/lib/flatpak
  export FLATPAK_USER_DIR=$work/guest/home/eve/.local/share/flatpak
  mkdir -p "$FLATPAK_SYSTEM_DIR" "$FLATPAK_USER_DIR" rt/files rt/usr
  printf '[Runtime]\nname=org.acme.Platform\n' >rt/metadata
  flatpak build-export --disable-sandbox --runtime repo rt 24
  flatpak --user remote-add --no-gpg-verify acme repo
  flatpak --user install -y --noninteractive acme \
    runtime/org.acme.Platform//24
  flatpak build-init app org.acme.App org.acme.Platform org.acme.Platform 24
  flatpak build-finish app
  flatpak build-export --disable-sandbox repo app stable
  flatpak --user install -y --noninteractive acme org.acme.App
  flatpak --user list --columns application,branch | tr '\t' ' ' >parts/flatpak
}

part pip /usr/bin/python3 -c 'import setuptools, pip'
part npm npm --version
part gem gem --version
part composer composer --version
part java jar --version
part go go version
part cargo objcopy --version
part flatpak flatpak --version
[ -n "$tested" ] || skip 'none of the tools is there'

"$decant" analyze dir:guest --json >profile.json || fail "exit $?"
for name in $tested; do
  jq -r --arg name "$name" '.language_packages.items[] |
    select (.ecosystem == $name) |
    .name + " " + (.version // .channel // "")' profile.json | sort >got
  sort parts/"$name" >want
  [ -s want ] || fail "$name lists nothing"
  diff -u want got || fail "$name differs"
done
jq -e '[.findings[] | select (.id | startswith ("language"))] == []' \
  profile.json >/dev/null || fail 'something was not understood'
for file in $(jq -r '.language_packages.items[].evidence.file' profile.json); do
  [ -e "guest$file" ] || fail "no $file"
done
"$decant" analyze dir:guest | grep '^Language packages: ' ||
  fail 'the text does not say it'
