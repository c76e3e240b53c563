// verify checks exports of kept's ledger with the transparency log code of the Go project, which
// shares nothing with ours: signed notes, tiles, entry bundles, inclusion and consistency proofs.
//
// Usage: verify FOLDER...   each with vkey, log/ (tlog-tiles), checkpoints/SIZE, proofs/*.tlog-proof
// and consistency/OLD-NEW.
package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func read(path string) []byte {
	data, err := os.ReadFile(path)
	check(err, "read")
	return data
}

// openCheckpoint verifies a C2SP tlog-checkpoint.
func openCheckpoint(msg []byte, verifier note.Verifier) tlog.Tree {
	n, err := note.Open(msg, note.VerifierList(verifier))
	check(err, "note.Open")
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[0] != verifier.Name() || lines[3] != "" {
		check(fmt.Errorf("%q", n.Text), "checkpoint")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "size")
	hash, err := tlog.ParseHash(lines[2])
	check(err, "root")
	return tlog.Tree{N: size, Hash: hash}
}

// tiles reads C2SP tlog-tiles paths, which differ from the Go checksum database's.
type tiles struct{ folder string }

func (t tiles) Height() int                         { return height }
func (t tiles) SaveTiles(_ []tlog.Tile, _ [][]byte) {}
func (t tiles) path(kind string, n int64, width int) string {
	name := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		name = fmt.Sprintf("x%03d/%s", n%1000, name)
	}
	if width != 1<<height {
		name += fmt.Sprintf(".p/%d", width)
	}
	return filepath.Join(t.folder, "tile", kind, name)
}
func (t tiles) ReadTiles(want []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range want {
		data, err := os.ReadFile(t.path(strconv.Itoa(tile.L), tile.N, tile.W))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

// entries returns a bundle's entries.
func (t tiles) entries(n int64, width int) [][]byte {
	data := read(t.path("entries", n, width))
	var all [][]byte
	for len(data) != 0 {
		size := int(binary.BigEndian.Uint16(data))
		all = append(all, data[2:2+size])
		data = data[2+size:]
	}
	if len(all) != width {
		check(fmt.Errorf("%d entries, want %d", len(all), width), "bundle")
	}
	return all
}

func checkLog(folder string, tree tlog.Tree) {
	t := tiles{filepath.Join(folder, "log")}
	reader := tlog.TileHashReader(tree, t)
	if tree.N == 0 {
		return
	}
	root, err := tlog.TreeHash(tree.N, reader)
	check(err, "TreeHash")
	if root != tree.Hash {
		check(fmt.Errorf("roots differ"), "TreeHash")
	}
	for first := int64(0); first < tree.N; first += 1 << height {
		width := 1 << height
		if tree.N-first < int64(width) {
			width = int(tree.N - first)
		}
		var want []int64
		for i := 0; i < width; i++ {
			want = append(want, tlog.StoredHashIndex(0, first+int64(i)))
		}
		hashes, err := reader.ReadHashes(want)
		check(err, "ReadHashes")
		for i, entry := range t.entries(first>>height, width) {
			if hashes[i] != tlog.RecordHash(entry) {
				check(fmt.Errorf("entry %d", first+int64(i)), "RecordHash")
			}
		}
		n := first + (first>>height*97)%int64(width)
		proof, err := tlog.ProveRecord(tree.N, n, reader)
		check(err, "ProveRecord")
		check(tlog.CheckRecord(proof, tree.N, tree.Hash, n, hashes[n-first]), "CheckRecord")
	}
}

// checkProof checks a C2SP tlog-proof file against the entry it is about.
func checkProof(path string, folder string, tree tlog.Tree, verifier note.Verifier) {
	text := string(read(path))
	head, checkpoint, found := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		check(fmt.Errorf("%q", head), path)
	}
	signed := openCheckpoint([]byte(checkpoint), verifier)
	index, err := strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64)
	check(err, path)
	var proof tlog.RecordProof
	for _, line := range lines[2:] {
		hash, err := tlog.ParseHash(line)
		check(err, path)
		proof = append(proof, hash)
	}
	t := tiles{filepath.Join(folder, "log")}
	hashes, err := tlog.TileHashReader(tree, t).ReadHashes([]int64{tlog.StoredHashIndex(0, index)})
	check(err, path)
	check(tlog.CheckRecord(proof, signed.N, signed.Hash, index, hashes[0]), path)
}

// checkConsistency checks a proof of ours between two signed checkpoints.
func checkConsistency(path string, checkpoints map[int64]tlog.Tree) {
	from, to, _ := strings.Cut(filepath.Base(path), "-")
	old, err := strconv.ParseInt(from, 10, 64)
	check(err, path)
	size, err := strconv.ParseInt(to, 10, 64)
	check(err, path)
	var proof tlog.TreeProof
	for data := read(path); len(data) != 0; data = data[tlog.HashSize:] {
		var hash tlog.Hash
		copy(hash[:], data)
		proof = append(proof, hash)
	}
	a, b := checkpoints[old], checkpoints[size]
	check(tlog.CheckTree(proof, b.N, b.Hash, a.N, a.Hash), path)
}

func glob(parts ...string) []string {
	paths, err := filepath.Glob(filepath.Join(parts...))
	check(err, "glob")
	return paths
}

func main() {
	for _, folder := range os.Args[1:] {
		verifier, err := note.NewVerifier(string(bytes.TrimSpace(read(filepath.Join(folder, "vkey")))))
		check(err, "NewVerifier")
		tree := openCheckpoint(read(filepath.Join(folder, "log", "checkpoint")), verifier)
		checkpoints := map[int64]tlog.Tree{}
		for _, path := range glob(folder, "checkpoints", "*") {
			c := openCheckpoint(read(path), verifier)
			checkpoints[c.N] = c
			checkLog(folder, c) // the partial tiles of older exports are still there
		}
		checkLog(folder, tree)
		proofs := glob(folder, "proofs", "*.tlog-proof")
		for _, path := range proofs {
			checkProof(path, folder, tree, verifier)
		}
		consistency := glob(folder, "consistency", "*")
		for _, path := range consistency {
			checkConsistency(path, checkpoints)
		}
		fmt.Printf("%s: %d entries, %d checkpoints, %d inclusion and %d consistency proofs\n",
			filepath.Base(folder), tree.N, len(checkpoints), len(proofs), len(consistency))
	}
	fmt.Println("ok")
}
