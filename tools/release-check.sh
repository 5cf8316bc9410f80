#!/usr/bin/env bash
# Builds every platform's archive as a release would, signs the checksums with a key that is made for it, and looks at
# names, contents, checksums, signature and manifest. Without gpg nothing is signed. Bills of materials are empty here:
# syft, which writes them, is there in the release workflow only.
set -euo pipefail
cd "$(dirname "$0")/.."

echo "Checking .goreleaser.yml"
bin/goreleaser check --quiet

scratch=$(mktemp -d /tmp/release.XXXXXX) # short: the sockets of gpg's agent stand for no long path
trap '[ -z "${GNUPGHOME:-}" ] || gpgconf --kill all; rm -rf "$scratch"' EXIT
cat >"$scratch/syft" <<'SYFT'
#!/bin/sh
for argument; do
  case $argument in spdx-json=*) echo '{}' >"${argument#spdx-json=}" ;; esac
done
SYFT
chmod +x "$scratch/syft"
export PATH=$scratch:$PATH

skip=publish
if command -v gpg >/dev/null; then
  mkdir -m 700 "$scratch/gpg"
  export GNUPGHOME=$scratch/gpg
  gpg --batch --quiet --passphrase '' --quick-generate-key 'release-check' rsa2048 sign 1d 2>/dev/null
  GPG_FINGERPRINT=$(gpg --list-keys --with-colons 2>/dev/null | awk -F: '$1 == "fpr" { print $10; exit }')
  export GPG_FINGERPRINT
else
  unset GNUPGHOME
  echo "There is no gpg: the checksums stay unsigned"
  skip=$skip,sign
fi

echo "Building the archives into dist/"
bin/goreleaser release --snapshot --clean --skip="$skip" >bin/goreleaser.log 2>&1 || { cat bin/goreleaser.log >&2; exit 1; }
go run -C tools ./checkdist "$PWD/dist" "$PWD/terraform-registry-manifest.json"

if [ -n "${GPG_FINGERPRINT:-}" ]; then
  for sums in dist/*_SHA256SUMS; do
    gpg --quiet --verify "$sums.sig" "$sums" 2>bin/gpg.log || { cat bin/gpg.log >&2; exit 1; }
  done
  echo "The signature of the checksums is good"
fi
