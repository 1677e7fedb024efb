#!/bin/sh
# Packages the chart with the digest that deploy/image/release.sh has written, pushes it and signs it (cosign, keyless).
# Usage: release.sh REPOSITORY, without oci://
set -eu
repository=$1
packages=$(mktemp -d)
trap 'rm -r "$packages"' EXIT
"$(dirname "$0")/package.sh" "$(cat bin/image.digest)" "$packages"
pushed=$(helm push "$packages"/*.tgz "oci://$repository" 2>&1)
echo "$pushed"
digest=$(echo "$pushed" | sed -n 's/^Digest: *\(sha256:[0-9a-f]*\)$/\1/p')
[ -n "$digest" ] || { echo "release.sh: helm told no digest" >&2; exit 1; }
cosign sign --yes "$repository/sagemaker-async-exporter@$digest"
[ -z "${GITHUB_OUTPUT:-}" ] || echo "digest=$digest" >>"$GITHUB_OUTPUT"
