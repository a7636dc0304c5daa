#!/bin/sh
# Stages at one site, with everything of that site's region, and not at all where a gate says no.
#   stage.sh SITE PROFILE TOKEN LOG -- COMMAND [ARGUMENT]...
# PROFILE is the enrolment profile, TOKEN the token as /v1/tokens/{id} answers, LOG what the devices write during COMMAND.
set -eu

if [ "$#" -lt 6 ] || [ "$5" != -- ]; then
    echo "usage: $0 SITE PROFILE TOKEN LOG -- COMMAND [ARGUMENT]..." >&2
    exit 2
fi
site=$1 profile=$2 token=$3 log=$4
shift 5

case $site in
    @@*site_cases@@
    *)
        echo "stage: the region of $site is not known here; render this script again: abm-trace remedy write stage --set sites=..." >&2
        exit 2
        ;;
esac

# The token's own region, of {"id": "tok_1", "region": "us-east", ...}.
token_region=$(sed -n 's/.*"region"[[:space:]]*:[[:space:]]*"\([a-z0-9-]*\)".*/\1/p' "$token" | head -n 1)
if [ "$token_region" != "$region" ]; then
    echo "stage: the token is of ${token_region:-no region}, $site of $region: nothing is staged" >&2
    exit 1
fi

echo "stage: $site, region $region, endpoint https://$region.abm.apple.com"
abm-trace clock-guard --once
abm-trace validate "$profile" --token "$token"
# Says when a device stays silent, ends the step, and never tries again.
exec abm-trace guard --log "$log" -- env ABM_REGION="$region" ABM_ENDPOINT="https://$region.abm.apple.com" "$@"
