// Checks an evidence log with the code of Go's checksum database alone: go run tlog.go STORE VKEY
package main

import (
	"encoding/binary"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

func check(err error) {
	if err != nil {
		fmt.Println("BROKEN:", err)
		os.Exit(1)
	}
}

func main() {
	store, hashes, size := os.Args[1], []tlog.Hash{}, int64(0)
	verifier, err := note.NewVerifier(os.Args[2])
	check(err)
	text, err := os.ReadFile(store + "/checkpoint")
	check(err)
	head, err := note.Open(text, note.VerifierList(verifier))
	check(err)
	fmt.Sscan(strings.Split(head.Text, "\n")[1], &size)
	reader := tlog.HashReaderFunc(func(at []int64) (found []tlog.Hash, _ error) {
		for _, each := range at {
			found = append(found, hashes[each])
		}
		return found, nil
	})
	for index := int64(0); index < size; {
		tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: int(min(256, size-index/256*256))}
		path := strings.Replace(tile.Path(), "tile/8/0/", "/tile/entries/", 1)
		data, err := os.ReadFile(store + path)
		check(err)
		for ; len(data) > 0 && index < size; index++ {
			end := 2 + binary.BigEndian.Uint16(data)
			more, err := tlog.StoredHashes(index, data[2:end], reader)
			check(err)
			hashes, data = append(hashes, more...), data[end:]
		}
	}
	root, err := tlog.TreeHash(size, reader)
	check(err)
	if root.String() != strings.Split(head.Text, "\n")[2] {
		check(fmt.Errorf("the entries lead to %v", root))
	}
	fmt.Println("WHOLE:", size, "entries,", root)
}

func min(a, b int64) int64 {
	if a < b {
		return a
	}
	return b
}
