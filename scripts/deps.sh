#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# Install the Debian packages named that are missing. Silent when none is.
set -eu

missing=
for p in "$@"; do
	dpkg-query -W -f '${Status}' "$p" 2>/dev/null | grep -q ' installed$' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
	echo "kvas: these packages are missing and there is no apt-get to install them:$missing" >&2
	exit 1
fi
if [ "$(id -u)" != 0 ]; then
	echo "kvas: missing:$missing; run as root: apt-get install$missing" >&2
	exit 1
fi
echo "kvas: installing$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086
apt-get -qq -y --no-install-recommends install $missing </dev/null >/dev/null 2>&1 && exit 0
apt-get -qq update </dev/null
# shellcheck disable=SC2086
apt-get -qq -y --no-install-recommends install $missing </dev/null >/dev/null
