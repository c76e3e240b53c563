#!/bin/sh
# Goal: a store that is foreign, newer, damaged or rolled back is told apart, and left as it is.
. "$(dirname "$0")/aid.sh"
store
writer
# Values too long for the person's own row have rows of their own.
long=$(printf '%0600d' 7)
"$kept" collect "$person" --function feedback --user-action message="one $long" >/dev/null
"$kept" collect "$person" --function feedback --user-action message="two $long" >/dev/null
cp -R kept good
back() { rm -rf kept; cp -R good kept; }
db=kept/store/store.db
same() { is "$1" "$(cksum <$db)" "$before"; }

printf '\000\000\003\347' | dd of=$db bs=1 seek=60 conv=notrunc 2>/dev/null
before=$(cksum <$db)
check 'written by a newer kept' 12 "$kept" stat
same 'left as it is'
back
printf 'MINE' | dd of=$db bs=1 seek=68 conv=notrunc 2>/dev/null
before=$(cksum <$db)
check 'a database of something else' 12 "$kept" stat
same 'left as it is too'
back
echo 'This is a letter, not a database, but it is long enough to look like one at first sight: it
goes on for more than a hundred bytes.' >$db
check 'no database' 12 "$kept" stat
back
dd if=/dev/zero of=$db bs=16384 seek=2 count=6 conv=notrunc 2>/dev/null
check 'pages full of zeros: never a yes' 10 "$kept" use "$person" message --purpose support
back
rm $db
check 'no database file' 5 "$kept" stat
back
rm -r kept/keyring/widgets
check 'no keyring' 5 "$kept" stat
back
rm kept/keyring/widgets/journal
check 'no journal' 14 "$kept" stat
back
rm -r kept/store/ledger/widgets
check 'no ledger' 14 "$kept" stat

command -v python3 >/dev/null 2>&1 || { pass 'skipped: no disk editor (python3) here'; finish; }
back
"$kept" consent withdraw "$person" --function feedback >/dev/null
cat >edit.py <<'END'
import sqlite3, sys
old = sqlite3.connect("good/store/store.db")
new = sqlite3.connect("kept/store/store.db")
what = sys.argv[1]
rows = old.execute("SELECT * FROM cell ORDER BY 1").fetchall()
if what == "person":      # the whole row of before the withdrawal
    new.execute("UPDATE cell SET body = ? WHERE key = ?", (rows[0][1], rows[0][0]))
elif what == "swap":      # two records change places
    a, b = rows[1], rows[2]
    new.execute("UPDATE cell SET body = ? WHERE key = ?", (b[1], a[0]))
    new.execute("UPDATE cell SET body = ? WHERE key = ?", (a[1], b[0]))
elif what == "bit":       # one bit of a record
    body = bytearray(rows[1][1]); body[-1] ^= 1
    new.execute("UPDATE cell SET body = ? WHERE key = ?", (bytes(body), rows[1][0]))
elif what == "drop":
    new.execute("DELETE FROM cell WHERE key = ?", (rows[1][0],))
elif what == "gone":      # the person
    new.execute("DELETE FROM cell")
elif what == "extra":
    new.execute("INSERT INTO cell VALUES (?, ?)", (rows[-1][0] + 5, rows[-1][1]))
new.commit()
END
cp -R kept after
for what in person swap bit drop gone extra; do
    rm -rf kept
    cp -R after kept
    python3 edit.py $what || fail "edit $what"
    check "$what: stat --check says no" 1 "$kept" stat --check
    check "$what: ledger verify says no" 1 "$kept" ledger verify
    says "$what: what it found" 'first: '
done
finish
