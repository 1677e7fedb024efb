#!/bin/sh
# After an installation and an upgrade, of both kinds of package. It starts nothing: the program needs a region first.
set -e
user=sagemaker-async-exporter
getent group "$user" >/dev/null || groupadd --system "$user"
getent passwd "$user" >/dev/null ||
  useradd --system --gid "$user" --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin "$user"
# The files may hold an external id and a password: the group reads them, others do not.
chgrp "$user" /etc/sagemaker-async-exporter /etc/sagemaker-async-exporter/config.yml
chmod 0750 /etc/sagemaker-async-exporter
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  systemctl try-restart sagemaker-async-exporter.service sagemaker-async-alerting.service
fi
