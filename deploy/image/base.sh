#!/bin/sh
# Makes a builder for the Dockerfile from this machine's own Go, a static shell and the machine's certificates, where no
# image can be pulled, or none should be. Usage: base.sh IMAGE
set -eu
busybox=$(command -v busybox) || { echo "base.sh needs busybox: install it (Debian: apt-get install busybox-static)" >&2; exit 1; }
container=$(buildah from scratch)
empty=$(mktemp -d)
trap 'rmdir "$empty"; buildah rm "$container" >/dev/null' EXIT
buildah copy --quiet "$container" "$(go env GOROOT)" /usr/local/go >/dev/null
buildah copy --quiet "$container" "$busybox" /bin/sh >/dev/null
buildah copy --quiet "$container" /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt >/dev/null
buildah copy --quiet "$container" "$empty" /tmp >/dev/null
# GOTOOLCHAIN: the Go of this image is the Go that builds, and no other is loaded.
buildah config --env PATH=/usr/local/go/bin:/bin --env GOPATH=/go --env HOME=/ --env GOCACHE=/go/cache --env GOTOOLCHAIN=local "$container"
buildah commit --quiet "$container" "$1" >/dev/null
