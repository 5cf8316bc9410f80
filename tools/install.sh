#!/usr/bin/env bash
# Puts one developer tool, at the version that a go.mod under tools/ pins, into bin/.
# A tool is built once for each version: the program is kept in the user's cache for the next fresh checkout.
#
#   tools/install.sh golangci-lint
set -euo pipefail

tool=$1
tools=$(cd "$(dirname "$0")" && pwd)
cache=${TOOLS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/terraform-provider-atlasbackup/tools}
exe=$(go env GOEXE)

# "go list tool" names the packages of a module's tool directives; the last element of a package is the tool's name, save
# for a major version suffix.
package=
for gomod in "$tools"/go.mod "$tools"/*/go.mod; do
  module=$(dirname "$gomod")
  package=$(go list -C "$module" tool | grep -E "/$tool(/v[0-9]+)?\$" || true)
  [ -z "$package" ] || break
done
if [ -z "$package" ]; then
  echo "tools/install.sh: no go.mod under tools/ has a tool directive for \"$tool\"" >&2
  exit 2
fi

version=$(go list -C "$module" -f '{{.Module.Version}}' "$package")
built=$cache/$tool-$version-$(go env GOVERSION)$exe
if [ ! -x "$built" ]; then
  echo "Building $tool $version ..."
  mkdir -p "$cache"
  scratch=$(mktemp -d "$cache/build.XXXXXX")
  trap 'rm -rf "$scratch"' EXIT
  # GOFLAGS is emptied because flags meant for the project, -mod=vendor for one, do not fit here.
  GOBIN=$scratch GOFLAGS= go install -C "$module" "$package"
  mv "$scratch/$tool$exe" "$built"
fi

# A copy, not a link: its time must be newer than go.mod's, or make would come here again.
mkdir -p "$tools/../bin"
cp "$built" "$tools/../bin/$tool$exe"
