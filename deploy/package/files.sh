#!/bin/sh
# Writes into a directory what a package has beyond the repository's own files: man pages and completion, which the programs
# print themselves. Usage: files.sh BINARIES DIRECTORY
set -eu
binaries=$1 directory=$2
mkdir -p "$directory"
for program in sagemaker-async-exporter sagemaker-async-alerting; do
  # kingpin puts all lines of --version into the title.
  "$binaries/$program" --help-man | awk -v program="$program" '
    /^\.SH "NAME"/ { printf ".TH %s 1\n", toupper(program); body = 1 }
    body' | gzip --no-name --best >"$directory/$program.1.gz"
  "$binaries/$program" --completion-script-bash >"$directory/$program.bash"
  "$binaries/$program" --completion-script-zsh >"$directory/$program.zsh"
done
