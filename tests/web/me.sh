#!/bin/sh
# me.sh URL FOLDER - what /me refuses, by curl: no token, another's, another site, too much, nothing at all; in words each time.
# FOLDER/post: what the gateway printed; FOLDER/log: what the service said.
set -u
url=$1 dir=$2 passed=0 failed=0
me=$url/me/smart-home
good() { passed=$((passed + 1)); }
bad() { failed=$((failed + 1)); echo "FAILED $*"; }
status() { # WANTED WHAT curl-arguments...: the page is in $dir/page
    wanted=$1 what=$2
    shift 2
    is=$(curl -s -o "$dir/page" -D "$dir/head" -w '%{http_code}' "$@")
    if [ "$is" = "$wanted" ]; then good; else bad "$what: $is, not $wanted"; fi
    case $wanted in
    303) ;;
    *) if grep -q '<html lang=' "$dir/page" && grep -qi '^cache-control: no-store' "$dir/head" && grep -qi "^content-security-policy: default-src 'none'" "$dir/head"; then
        good
    else
        bad "$what: not a page in words"
    fi ;;
    esac
}
says() { if grep -q "$1" "$dir/page"; then good; else bad "the page does not say: $1"; fi; }
token() { curl -s -b "$1" -c "$1" "$me?in=en" | sed -n 's/.*name="form" value="\([0-9a-f]*\)".*/\1/p' | head -1; }
send() { curl -s -o "$dir/page" -D "$dir/head" -w '%{http_code}' -b "$1" -c "$1" -H "Origin: $url" -d "$2" "$me"; }
enter() { # JAR NUMBER
    door=$(token "$1")
    send "$1" "do=begin&in=en&form=$door&address=$2" >/dev/null
    code=
    for _ in $(seq 100); do
        code=$(sed -n "s/^.*to $2: .*code is \([0-9]\{6\}\).*/\1/p" "$dir/post" | tail -1)
        [ -z "$code" ] || break
        sleep 0.1
    done
    [ "$(send "$1" "do=prove&in=en&form=$door&address=$2&code=$code")" = 303 ] || bad "$2 cannot sign in"
}

status 200 'the doors' "$url/me"
status 404 'an app that is none' "$url/me/nobody"
status 404 'a path that is none' "$me/more"
status 405 'another method' -X DELETE "$me"
status 405 'a form to the doors' -H "Origin: $url" -d 'do=begin' "$url/me"
status 404 'a broken escape' "$me%zz"
enter "$dir/bob" 13900139000
form=$(token "$dir/bob")
status 200 'signed in' -b "$dir/bob" "$me?in=en"
says 13900139000
status 403 'no token' -b "$dir/bob" -H "Origin: $url" -d 'do=withdraw&in=en&function=profile' "$me"
says 'was not sent from here'
status 403 'a wrong token' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&in=en&function=profile&form=$(printf %064d 0)" "$me"
status 403 'another site' -b "$dir/bob" -H 'Origin: https://elsewhere.example' -d "do=withdraw&in=en&function=profile&form=$form" "$me"
status 403 'no origin' -b "$dir/bob" -d "do=withdraw&in=en&function=profile&form=$form" "$me"
status 403 'an origin of null' -b "$dir/bob" -H 'Origin: null' -d "do=withdraw&in=en&function=profile&form=$form" "$me"
status 400 'JSON' -b "$dir/bob" -H "Origin: $url" --json '{}' "$me"
status 400 'a name twice, once with nothing' -b "$dir/bob" -H "Origin: $url" -d "do=&do=grant&form=$form" "$me"
status 400 'a name twice' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&do=grant&form=$form" "$me"
status 400 'a button that is none' -b "$dir/bob" -H "Origin: $url" -d "do=fly&in=en&form=$form" "$me"
status 400 'a broken escape in a form' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&function=%zz&form=$form" "$me"
status 413 'too much' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&in=en&function=$(printf %05000d 0)&form=$form" "$me"
status 422 'a function that is none' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&in=en&function=nothing&form=$form" "$me"
status 303 'a correction' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=city&value=%53hanghai&form=$form" "$me"
status 200 'what was corrected' -b "$dir/bob" "$me?in=en"
says Shanghai
status 422 'a correction without a value' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=city&value=&form=$form" "$me"
status 422 'a correction of nothing' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=nothing&value=x&form=$form" "$me"
status 403 'a correction of what is verified' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=phone&value=13300133000&form=$form" "$me"
says 'cannot be changed here'
status 403 'a correction of what the service found out' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=access-log&value=2026-11-02&form=$form" "$me"
status 403 'a correction of what did not come from them' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=os-version&value=12&form=$form" "$me"
says 'did not come from you'
status 422 'a date that is none' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=birth-date&value=yesterday&form=$form" "$me"
says 'does not fit'
status 422 'the same in Chinese' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=zh&item=birth-date&value=yesterday&form=$form" "$me"
says '不符合此项的要求'
status 403 'a correction of what is not held' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=user-name&value=x&form=$form" "$me"
status 403 'a correction without a token' -b "$dir/bob" -H "Origin: $url" -d 'do=mend&in=en&item=nickname&value=Bobby' "$me"
status 403 'a correction from another site' -b "$dir/bob" -H 'Origin: https://elsewhere.example' -d "do=mend&in=en&item=nickname&value=Bobby&form=$form" "$me"
status 400 'a correction that is too long' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=nickname&value=$(printf %01100d 0)&form=$form" "$me"
status 200 'all as it was' -b "$dir/bob" "$me?in=en"
says '1990-05-01'
says 13900139000
if grep -q 'Bobby\|yesterday' "$dir/page"; then bad 'a refused correction went in'; else good; fi
status 303 'a correction with markup' -b "$dir/bob" -H "Origin: $url" -d "do=mend&in=en&item=nickname&value=%3Cb%3EBobby&form=$form" "$me"
if grep -qi '^location:.*said=mend' "$dir/head" && ! grep -qi '^location:.*Bobby' "$dir/head"; then good; else bad 'not told, or told in an address'; fi
status 200 'which means itself' -b "$dir/bob" "$me?in=en&said=mend"
says 'Corrected\.'
if grep -q 'lt;b.*Bobby' "$dir/page" && ! grep -q '<b>' "$dir/page"; then good; else bad 'markup came through a value'; fi
home=$me me=$url/me/strict-home
enter "$dir/dan" 13600136000
dans=$(token "$dir/dan")
status 200 'whoever must show a document' -b "$dir/dan" "$me?in=en"
says 'To correct this we must know you by a document'
if grep -q 'value="mend"' "$dir/page"; then bad 'a button that is refused'; else good; fi
status 403 'and corrects all the same' -b "$dir/dan" -H "Origin: $url" -d "do=mend&in=en&item=nickname&value=Danny&form=$dans" "$me"
says 'must know you better'
status 200 'which changed nothing' -b "$dir/dan" "$me?in=en"
if grep -q Danny "$dir/page"; then bad 'a refused correction went in'; else good; fi
me=$home
status 422 'one that is not switched' -b "$dir/bob" -H "Origin: $url" -d "do=withdraw&in=en&function=operation&form=$form" "$me"
enter "$dir/ann" 13800138000
anns=$(token "$dir/ann")
status 403 "another's token" -b "$dir/bob" -H "Origin: $url" -d "do=erase-now&sure=yes&in=en&form=$anns" "$me"
status 200 'still there' -b "$dir/bob" "$me?in=en"
says 13900139000
if grep -q 13800138000 "$dir/page"; then bad "another's number"; else good; fi
status 200 'no tick, no end' -b "$dir/bob" -H "Origin: $url" -d "do=erase-now&in=en&form=$form" "$me"
says 'cannot be undone'
status 200 'a session that is none' -b 'kept=kper_0000' "$me?in=en"
says 'session is over'
status 403 'and its form' -b 'kept=kper_0000' -H "Origin: $url" -d "do=erase-now&sure=yes&form=$form" "$me"
status 200 'two sessions are none' -b "kept=kper_00; kept=kper_01" "$me?in=en"
says 'id="address"'
cp "$dir/bob" "$dir/bob.before"
status 303 'signed out' -b "$dir/bob" -H "Origin: $url" -d "do=leave&in=en&form=$form" "$me"
status 200 'the cookie of before' -b "$dir/bob.before" "$me?in=en"
says 'session is over'
status 303 'and its form, which was good' -b "$dir/bob.before" -H "Origin: $url" -d "do=erase-now&sure=yes&in=en&form=$form" "$me"
if grep -q 'said=over' "$dir/head"; then good; else bad 'not told that it is over'; fi
status 200 'markup means itself' "$me?in=en&said=%3Cb%3E&from=%3Cb%3E"
if grep -q '<b>' "$dir/page"; then bad 'markup came through'; else good; fi
if grep -q '13800138000\|13900139000\|Bobby\|Danny\|kper_\|Beijing' "$dir/log" "$dir/post.log"; then bad 'something personal in a log'; else good; fi
echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
