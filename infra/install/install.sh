# Brings one deployment's agent onto an Amazon Linux 2023 host: onto a new one, or in the place of an older agent, whose key
# and state it does not touch. infra/install/script.ts puts the deployment's values before it: region, bundle, digests,
# settings, least. It runs as root, and may be run again at any time: it finishes what broke off.
set -eu
# Whatever umask and PATH there are.
umask 022
PATH="${PATH:+$PATH:}/usr/sbin:/usr/bin:/usr/local/bin"
export PATH
agent=/opt/keyturn/keyturn-agent.mjs
conf=/etc/keyturn/agent.conf
unit=/etc/systemd/system/keyturn-agent.service
work=
said=

say() {
  printf 'keyturn-install: %s\n' "$*" >&2
  said=yes
}

fail() {
  say "$@"
  exit 1
}

ended() {
  [ -z "$work" ] || rm -rf "$work" || :
  [ "$1" = 0 ] || [ -n "$said" ] || say "It broke off at what stands above. Mend that (a full disk?), and install again."
  exit "$1"
}
trap 'ended $?' EXIT

# For what passes: an RPM lock, credentials that are not there yet, a service or a repository that is away. It pauses for three
# minutes in all; the watch misses a host after ten.
again() {
  left=20
  until "$@"; do
    left=$((left - 1))
    [ "$left" -gt 0 ] || return 1
    sleep 10
  done
}

for tool in aws python3; do
  command -v "$tool" >/dev/null ||
    fail "There is no $tool here. Take the standard image of Amazon Linux 2023, not the minimal one."
done
work=$(mktemp -d)
cd "$work"
# Root runs what lies there: nobody else may put anything into it, whoever made it.
install -d -m 0755 /opt/keyturn
touch /opt/keyturn/.installing
exec 9</opt/keyturn/.installing
flock --wait 900 9 || fail "Another installation has been under way for a quarter of an hour. See what holds it up."

# The host's own settings stay, and what they say of AWS's endpoints holds for the AWS CLI as well.
if [ -e "$conf" ]; then sed -n '/^# Of this host/,$p' "$conf" >own; else : >own; fi
sed -n "s/^\(AWS_[A-Z0-9_]*\) *= *[\"']\{0,1\}\([^\"' ]*\)[\"']\{0,1\} *$/\1=\2/p" own >variables
while IFS= read -r variable; do export "${variable?}"; done <variables

fetch() {
  rm -rf new
  aws s3 cp --region "$region" --no-progress --cli-connect-timeout 10 "$bundle" agent.zip &&
    python3 -m zipfile -e agent.zip new
}
again fetch ||
  fail "The agent could not be fetched from $bundle. See that this host reaches S3, and that its role has the policy of" \
    "Keyturn's instances. Then install again."
printf '%s\n' "$digests" >digests
(cd new && sha256sum --check --quiet ../digests) ||
  fail "What lies at $bundle is not the agent that was deployed: its SHA-256 is another. Nothing was changed." \
    "Find out who wrote it, deploy anew, and install again."

install_node() {
  if /usr/bin/node-24 --version >/dev/null 2>&1; then return; fi
  if LC_ALL=C dnf install --assumeyes nodejs24 >output 2>&1; then return; fi
  cat output >&2
  # In a repository out of reach nothing is found either, but that passes.
  if grep -Eq 'No match for argument|Unable to find a match' output &&
    ! grep -Eq 'Failed to download metadata|Errors during downloading|Ignoring repositories' output; then
    release=$(cat /etc/system-release) || release="this system"
    fail "The repository of $release has no nodejs24: it came with $least. Take an image of that release or a later one," \
      "or bring this host to it (dnf upgrade --releasever=$least). Then install again."
  fi
  return 1
}
again install_node || fail "Node 24 could not be installed: what dnf says stands above. Mend that, and install again."
/usr/bin/node-24 new/keyturn-agent.mjs --version >/dev/null ||
  fail "Node 24 is here and does not run the agent. Nothing was changed. Put it right (dnf reinstall nodejs24), and" \
    "install again."

described() {
  [ -e "$1" ] || { echo none && return; }
  version=$(/usr/bin/node-24 "$1" --version 2>/dev/null) || version="one that does not run"
  digest=$(sha256sum <"$1")
  echo "$version (SHA-256 ${digest%% *})"
}
was=$(described "$agent")
is=$(described new/keyturn-agent.mjs)

printf '%s\n' "$settings" >agent.conf
[ -s own ] || echo "# Of this host: what stands below this line stays when the agent is installed anew." >own
cat own >>agent.conf

# All are written whole before the first takes its place, so that a full disk or a death leaves those that there were.
beside() {
  install -D -m "$2" "$1" "$3.next"
  sync "$3.next"
}
beside new/keyturn-agent.mjs 0644 "$agent"
beside new/keyturn-agent 0755 /usr/local/bin/keyturn-agent
beside new/keyturn-agent.service 0644 "$unit"
beside agent.conf 0644 "$conf"
install -d -m 0755 /etc/keyturn/hooks.d
# The agent comes before its settings, since it knows those of earlier ones. A turn under way has read its file already.
for file in "$agent" /usr/local/bin/keyturn-agent "$unit" "$conf"; do mv -f "$file.next" "$file"; done

start() {
  systemctl daemon-reload && systemctl enable --quiet keyturn-agent && systemctl restart keyturn-agent
}
again start || fail "The agent is in its place and was not started. See systemctl status keyturn-agent; then install again."
echo "keyturn-install: The agent was $was, and is now $is."
