#!/bin/sh
# Goal: what `make install` puts down is enough to build and run examples/embed.c, and the command.
. "$(dirname "$0")/aid.sh"
root=$work/root
check 'make install' 0 make -s -C "$top" install DESTDIR="$root"
export PKG_CONFIG_PATH="$root/usr/local/lib/pkgconfig"
flags=$(pkg-config --define-prefix --cflags --libs kept)
for word in -I"$root"/usr/local/include -L"$root"/usr/local/lib -lkept; do
    case " $flags " in *" $word "*) pass "pkg-config gives $(echo "$word" | cut -c 1-2)" ;; *) fail "pkg-config" "$flags" ;; esac
done
is 'the example is short' "$([ "$(wc -l <"$top/examples/embed.c")" -lt 80 ] && echo yes)" yes
# shellcheck disable=SC2086 -- a list of words
check 'the example builds without a warning' 0 "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic -Werror \
    -o embed "$top/examples/embed.c" $flags
export LD_LIBRARY_PATH="$root/usr/local/lib"
check 'and runs' 0 ./embed "$root/usr/local/share/kept/policies/widgets.yaml" new/folder/data
mv new/folder/data data
says 'masked for the support' '138****1111'
says 'stopped by the withdrawal' 'consent was withdrawn'
says 'erased, with its final date' '"final":"20'
{
    cat "$policies/widgets.yaml"
    awk 'BEGIN { for (i = 0; i < 2000; i++) print "# a policy of more than 64 KiB, which is not cut" }'
    echo 'unknown: at the end of it'
} >long.yaml
check 'a long policy is read to its end' 3 ./embed long.yaml other
says 'where its mistake is' "$(wc -l <long.yaml):1: the policy has no key 'unknown'"
sed '$d' long.yaml >longer.yaml
check 'and without it' 0 ./embed longer.yaml another
# shellcheck disable=SC2086
check 'the static library, too' 0 "${CC:-cc}" -std=c11 -o embed-static "$top/examples/embed.c" \
    $(pkg-config --define-prefix --cflags kept) "$root/usr/local/lib/libkept.a" \
    $(pkg-config --libs libsodium libcrypto sqlite3 yaml-0.1 jansson) -pthread
check 'the command' 0 "$root/usr/local/bin/kept" --version
check 'on what the library made' 0 "$root/usr/local/bin/kept" --store data/store --keyring data/keyring \
    --root-key data/root.key ledger verify
cat >twice.cc <<'END'
#include <kept.h>
#include <kept.h>
int main() { return kept_ref(KEPT_K_ITEM, "phone") == 0; }
END
if command -v "${CXX:-g++}" >/dev/null 2>&1; then
    # shellcheck disable=SC2086
    check 'the header is one for C++, too' 0 "${CXX:-g++}" -Wall -Wextra -Werror -o twice twice.cc $flags
fi
finish
