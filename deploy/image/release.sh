#!/bin/sh
# Builds the image of a release for each architecture, pushes it with provenance and a list of what is in it, and signs it with
# the identity of the workflow that runs this (cosign, keyless). Its digest is then in bin/image.digest.
# Usage: release.sh IMAGE VERSION REVISION BRANCH DATE
set -eu
image=$1 version=$2 revision=$3 branch=$4 date=$5
mkdir -p bin
docker buildx build --platform linux/amd64,linux/arm64 --push --provenance mode=max --sbom true --metadata-file bin/image.json \
  --build-arg "VERSION=$version" --build-arg "REVISION=$revision" --build-arg "BRANCH=$branch" --build-arg "DATE=$date" \
  --tag "$image:$version" .
digest=$(sed -n 's/.*"containerimage\.digest": *"\(sha256:[0-9a-f]*\)".*/\1/p' bin/image.json)
[ -n "$digest" ] || { echo "release.sh: buildx told no digest in bin/image.json" >&2; exit 1; }
cosign sign --yes "$image@$digest"
echo "$digest" >bin/image.digest
[ -z "${GITHUB_OUTPUT:-}" ] || echo "digest=$digest" >>"$GITHUB_OUTPUT"
