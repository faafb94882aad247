package server

import (
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/crypto/argon2"
)

// argon2Hash is an Argon2id hash as https://github.com/P-H-C/phc-winner-argon2 writes it.
type argon2Hash struct {
	memory, time uint32 // KiB, passes
	lanes        uint8
	salt, sum    []byte
}

var errArgon2 = errors.New("HENK_WEB_PASSWORD begins like an Argon2 hash but is not one that can be used: it must look like " +
	"$argon2id$v=19$m=65536,t=3,p=4$SALT$HASH, with at most 262144 KiB and 10 passes; quote it, since shells expand the dollar signs in it")

// parseArgon2 bounds the cost: each attempt to log in pays it.
func parseArgon2(text string) (*argon2Hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[1] != "argon2id" || parts[2] != "v=19" {
		return nil, errArgon2
	}
	h := &argon2Hash{}
	var rest string
	if n, _ := fmt.Sscanf(parts[3]+" ", "m=%d,t=%d,p=%d%s", &h.memory, &h.time, &h.lanes, &rest); n != 3 ||
		h.memory < 8*uint32(h.lanes) || h.memory > 256<<10 || h.time < 1 || h.time > 10 || h.lanes < 1 || h.lanes > 16 {
		return nil, errArgon2
	}
	var err, err2 error
	h.salt, err = base64.RawStdEncoding.DecodeString(parts[4])
	h.sum, err2 = base64.RawStdEncoding.DecodeString(parts[5])
	if err != nil || err2 != nil || len(h.salt) < 8 || len(h.sum) < 16 || len(h.sum) > 128 {
		return nil, errArgon2
	}
	return h, nil
}

func (h *argon2Hash) match(password string) bool {
	sum := argon2.IDKey([]byte(password), h.salt, h.time, h.memory, h.lanes, uint32(len(h.sum)))
	return subtle.ConstantTimeCompare(sum, h.sum) == 1
}
