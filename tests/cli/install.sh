#!/bin/sh
# Goal: what `make install` puts down is enough to build and run the examples, and the command; it shows
# what kept.h declares and nothing else, and goes again without a trace.
. "$(dirname "$0")/aid.sh"
root=$work/root
check 'make install' 0 make -s -C "$top" install DESTDIR="$root"
export PKG_CONFIG_PATH="$root/usr/local/lib/pkgconfig"
flags=$(pkg-config --define-prefix --cflags --libs kept)
for word in -I"$root"/usr/local/include -L"$root"/usr/local/lib -lkept; do
    case " $flags " in *" $word "*) pass "pkg-config gives $(echo "$word" | cut -c 1-2)" ;; *) fail "pkg-config" "$flags" ;; esac
done
is 'the example is short' "$([ "$(wc -l <"$top/examples/embed.c")" -lt 80 ] && echo yes)" yes
for example in embed batch events; do
    # shellcheck disable=SC2086 -- a list of words
    check "$example.c builds without a warning" 0 "${CC:-cc}" -std=c11 -Wall -Wextra -Wpedantic \
        -Werror -o $example "$top/examples/$example.c" $flags
done
export LD_LIBRARY_PATH="$root/usr/local/lib"
check 'embed runs' 0 ./embed "$root/usr/local/share/kept/policies/widgets.yaml" new/folder/data
mv new/folder/data data
says 'masked for the support' '138****1111'
says 'stopped by the withdrawal' 'consent was withdrawn'
says 'erased, with its final date' '"final":"20'

check 'batch runs' 0 ./batch data
says 'many in one commit' 'collect   298 done  1 denied  1 failed'
says 'one of them refused: why, which clause' 'person 17 denied: the person refused (S0-12.2, line '
says 'one of them an error, of its own' 'person 99 failed: notfound: this app has no such subject'
says 'one of them in part' 'person 42: 1 undeclared value stripped'
first=$(sed -n 's/^the first of them is //p' "$work/out")
{
    for item in message contact-phone shoe-size; do echo "$first $item"; done
    echo 'what is this'
    echo "$(echo "$first" | tr 0-9a-f 1-9a-f0) message"
} >questions
# The second half comes while the first is answered; the loop goes on until nothing is in flight.
{ cat questions && sleep 0.2 && cat questions; } | timeout 60 ./events data >"$work/out" 2>"$work/err"
is 'events runs' $? 0
says 'an answer' '1: Please call.'
says 'a masked one' '2: 138****1111'
says 'a refusal' '3: no: the policy does not declare it (S0-0.6)'
says 'what is no question' '4: a question is an id and an item'
says 'an error' '5: this app has no such subject'
is 'each question has one answer' "$(cut -d: -f1 "$work/out" | sort -n | tr '\n' ' ')" '1 2 3 4 5 6 7 8 9 10 '
check 'a folder that is none' 2 ./events nowhere

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
    check 'the header is one for C++17, too' 0 "${CXX:-g++}" -std=c++17 -Wall -Wextra -Wpedantic -Werror \
        -o twice twice.cc $flags
    check 'and links from there' 0 ./twice
fi

# What is declared, what the shared library shows and under which version, what the archive shows.
declared() { tr '\n' ' ' <"$1" | sed 's|/\*|\n&|g' | sed 's|/\*.*\*/||' | tr ';' '\n' |
    sed -n 's/^.*KEPT_API [^(]*[ *]\(kept_[a-z_]*\)(.*$/\1/p' | sort; }
mapped() { sed -n 's/^ *\(kept_[a-z_]*\);$/\1/p' "$top/src/kept.map" | sort; }
shown() { nm -D --defined-only "$1" | sed -n 's/^[0-9a-f]* [A-Z] //p' | sort; }
library=$root/usr/local/lib/libkept.so
version=$("$root/usr/local/bin/kept" --version | cut -d' ' -f2)
declared "$top/include/kept.h" >declared
is 'there are declarations' "$(grep -cx 'kept_open\|kept_id_hex\|kept_version\|kept_batch' declared)" 4
is 'kept.map lists what kept.h declares' "$(mapped)" "$(cat declared)"
shown "$library" >shown
is 'the shared library shows what kept.h declares' "$(sed -n 's/@@KEPT_[0-9.]*$//p' shown)" "$(cat declared)"
is 'and nothing but that and its versions' "$(grep -v '@@KEPT_' shown)" \
    "$(sed -n 's/^\(KEPT_[0-9.]*\) {$/\1/p' "$top/src/kept.map")"
is 'the newest of them is that of this release' "$(grep -v '@@KEPT_' shown | tail -1)" "KEPT_${version%.*}"
is 'the archive shows no more' "$(nm -g --defined-only "$root/usr/local/lib/libkept.a" |
    sed -n 's/^[0-9a-f]* [A-Z] //p' | sort)" "$(cat declared)"
is 'its soname' "$(readelf -d "$library" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')" libkept.so.0
is 'its file' "$(readlink -f "$library" | sed 's|.*/||')" "libkept.so.$version"
is 'the version of pkg-config' "$(pkg-config --modversion kept)" "$version"
# These comparisons can fail: one declaration taken away, one added.
sed 's/KEPT_API void kept_close(/void kept_close(/' "$top/include/kept.h" >less.h
is 'a declaration that goes is noticed' "$(declared less.h | diff declared - | grep '^[<>]')" '< kept_close'
{ cat "$top/include/kept.h" && echo 'KEPT_API int kept_more(void);'; } >more.h
is 'one that comes, too' "$(declared more.h | diff declared - | grep '^[<>]')" '> kept_more'

check 'make uninstall' 0 make -s -C "$top" uninstall DESTDIR="$root"
is 'nothing is left' "$(find "$root" ! -type d)" ''
finish
