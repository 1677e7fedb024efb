#!/bin/sh
# Before a removal. dpkg says "upgrade" and rpm 1 when another version follows: then the units go on.
set -e
case ${1:-} in
upgrade | 1) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl disable --now sagemaker-async-exporter.service sagemaker-async-alerting.service
fi
