#!/bin/sh
# Puts the agent on an Amazon Linux 2023 instance and starts it. Run as root in the folder that holds its files, with
# /etc/keyturn/agent.conf written. Running it again brings the agent up to date.
set -eu

dnf install --assumeyes --quiet nodejs24
install -D -m 0644 keyturn-agent.mjs /opt/keyturn/keyturn-agent.mjs
install -D -m 0755 keyturn-agent /usr/local/bin/keyturn-agent
install -D -m 0644 keyturn-agent.service /etc/systemd/system/keyturn-agent.service
install -d -m 0755 /etc/keyturn/hooks.d
systemctl daemon-reload
systemctl enable --quiet keyturn-agent
systemctl restart keyturn-agent
