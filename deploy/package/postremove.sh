#!/bin/sh
# After a removal. The user stays: files may still belong to it.
set -e
[ ! -d /run/systemd/system ] || systemctl daemon-reload
