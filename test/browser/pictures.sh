#!/usr/bin/env bash
# Takes the documentation's pictures of the page: those of days on which
# something goes wrong (two days of the real contracts in memory), and those of
# a demo in the morning of its second day, when the first is settled.
set -euo pipefail
cd "$(dirname "$0")/../.."
images=$PWD/docs/images
mkdir -p "$images"

SESAME_PICTURES=$images go test -count=1 -run TestPictures ./monitor

work=$(mktemp -d)
bin/sesame demo --days 2 --dir "$work/network" >"$work/report" 2>"$work/progress" &
demo=$!
trap 'kill "$demo" 2>/dev/null || true; wait "$demo" 2>/dev/null || true; rm -rf "$work"' EXIT

page=
until [ -n "$page" ]; do
	kill -0 "$demo" # ends here where the demo has
	sleep 1
	page=$(sed -n 's/^page: \(.*\)\/$/\1/p' "$work/progress")
done
node test/browser/pictures.mjs --morning "$page" "$images" \
	today today-dark today-phone plan contracts contracts-chinese privacy record
