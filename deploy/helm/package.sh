#!/bin/sh
# Packages the chart for a release, with the digest of the image that it installs. Usage: package.sh DIGEST DIRECTORY
set -eu
digest=$1 directory=$2
case $digest in
sha256:????????????????????????????????????????????????????????????????) ;;
*) echo "package.sh: $digest is no digest: give sha256: and 64 digits" >&2; exit 1 ;;
esac
chart=$(cd "$(dirname "$0")" && pwd)/sagemaker-async-exporter
copy=$(mktemp -d)
trap 'rm -r "$copy"' EXIT
cp -RL "$chart" "$copy/sagemaker-async-exporter" # rules and dashboards are links
version=$(sed -n 's/^appVersion: //p' "$chart/Chart.yaml")
cat >>"$copy/sagemaker-async-exporter/Chart.yaml" <<END
  sagemaker-async/image-digest: $digest
  artifacthub.io/images: |
    - {name: exporter, image: "ghcr.io/sagemaker-async/exporter:$version@$digest", platforms: [linux/amd64, linux/arm64]}
END
helm package "$copy/sagemaker-async-exporter" --destination "$directory"
