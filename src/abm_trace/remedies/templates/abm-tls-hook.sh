#!/bin/sh
# Tries the TLS of the ABM endpoints from this segment, and says by boot.ipxe what staging hosts boot: as ever, or a
# diagnostic image. Exit code: 0 good, 1 not good, 2 this host cannot say.
#   abm-tls-hook [FOLDER]      the folder of boot.ipxe
set -eu
folder=${1:-@@boot_folder@@}

for each in openssl timeout; do
    if ! command -v "$each" >/dev/null; then
        echo "abm-tls-hook: $each is not installed" >&2
        exit 2
    fi
done

# A trusted chain of that very name, and a good OCSP staple.
good() {
    said=$(timeout 20 openssl s_client -connect "$1" -servername "${1%:*}" -verify_hostname "${1%:*}" -status \
        </dev/null 2>/dev/null) || true
    printf '%s\n' "$said" | grep -q 'Verify return code: 0 (ok)' || { why="the chain is not trusted, or no answer came"; return 1; }
    printf '%s\n' "$said" | grep -q 'Cert Status: good' || { why="no good OCSP staple"; return 1; }
}

image=boot-normal.ipxe
set -- @@endpoints| @@
for endpoint; do
    case $endpoint in
        *:*) ;;
        *) endpoint=$endpoint:443 ;;
    esac
    if good "$endpoint"; then
        echo "abm-tls-hook: $endpoint: good"
    else
        echo "abm-tls-hook: $endpoint: $why; staging hosts boot the diagnostic image" >&2
        image=boot-diagnostic.ipxe
    fi
done

if [ ! -f "$folder/$image" ]; then
    echo "abm-tls-hook: $folder/$image is not there: abm-trace remedy write netboot" >&2
    exit 2
fi
# A new name put in the place of the old one: a host that asks in between gets one of the two.
cp "$folder/$image" "$folder/.boot.ipxe.$$"
mv "$folder/.boot.ipxe.$$" "$folder/boot.ipxe"
[ "$image" = boot-normal.ipxe ]
