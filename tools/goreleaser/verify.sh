#!/bin/sh
# Makes once more, elsewhere, what make release-snapshot has just made of this commit, and fails if a byte differs. The second
# time has another directory, another umask and another time zone.
set -eu
[ -z "$(git status --porcelain)" ] || { echo "verify.sh compares what is made from a commit: commit first" >&2; git status --short >&2; exit 1; }
first=$PWD
elsewhere=$(mktemp -d)
trap 'rm -rf "$elsewhere"' EXIT
git clone --quiet --no-checkout "$first" "$elsewhere/somewhere else"
cd "$elsewhere/somewhere else"
umask 077
export TZ=Asia/Kathmandu
git checkout --quiet --detach "$(git -C "$first" rev-parse HEAD)"
mkdir bin
ln -s "$first/bin/tools" bin/tools

# Everything, with the build cache of this machine: the linker, the archives and the lists of modules are made again, what the
# compiler made is taken from the cache.
make release-snapshot
diff -u "$first/dist/sha256sums.txt" dist/sha256sums.txt || { echo "NOT reproducible: these checksums differ" >&2; exit 1; }

# One platform with an empty cache, so that the compiler works again too. All six would take six times these minutes and
# show little more: it is the same compiler. This is what docs/releasing.md tells users to do, so the archive is opened.
GOCACHE="$elsewhere/cache" GOOS=linux GOARCH=amd64 make build
archive=$(basename "$first"/dist/*.linux-amd64.tar.gz .tar.gz)
for program in sagemaker-async-exporter sagemaker-async-alerting; do
  tar -xzOf "$first/dist/$archive.tar.gz" "$archive/$program" | cmp - "bin/$program" ||
    { echo "NOT reproducible: make build and the archive differ in $program" >&2; exit 1; }
done
echo "reproducible: $(wc -l <dist/sha256sums.txt) files are the same, and linux-amd64 is with an empty build cache too"
