// Package secret seals small JSON documents, such as an integration's credentials, with keys from the environment.
//
// A sealed document is itself a JSON object with the one member "sealed", so that it fits a jsonb column and readers that
// look for their own members find none:
//
//	{"sealed": {"version": 1, "algorithm": "XChaCha20-Poly1305", "key": "3f9a0c51d2e7", "data": "base64.."}}
//
// The key is named by an id that is computed from it, so that keys can be changed one document at a time, and so that an
// error can say which key is missing. What a document belongs to is authenticated with it: one that is copied to
// another row does not open there.
//
// It is pure: it imports nothing of ours, and reads no environment.
package secret

import (
	"crypto/cipher"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
)

// Variables that hold the keys, for errors that say where to mend. The settings are read elsewhere.
const (
	Variable         = "HENK_ENCRYPTION_KEY"
	PreviousVariable = "HENK_ENCRYPTION_KEY_PREVIOUS"
)

// Generate is the command that makes a key.
const Generate = "openssl rand -base64 32"

const (
	keyBytes   = chacha20poly1305.KeySize
	minVariety = 12 // different bytes among 32: random keys have more, but for one in 10^17
)

// Key is one key. It shows nothing but its id.
type Key struct {
	id   string
	aead cipher.AEAD
}

// ParseKey reads a key: 32 random bytes as base64 (either alphabet, padded or not) or as hexadecimal. Anything else, a
// passphrase above all, is refused; the error says how to make a key and repeats nothing of the text.
func ParseKey(text string) (*Key, error) {
	raw := decode(strings.TrimSpace(text))
	if raw == nil {
		return nil, fmt.Errorf("must be 32 random bytes as base64 or hexadecimal, not a passphrase; make a key with: %s", Generate)
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(raw)))
	if len(distinct) < minVariety {
		return nil, fmt.Errorf("is not random: the same bytes come again and again; make a key with: %s", Generate)
	}
	aead, err := chacha20poly1305.NewX(raw)
	if err != nil {
		return nil, errors.New("cannot be used as a key")
	}
	sum := sha256.Sum256(append([]byte("henk key id 1\x00"), raw...))
	return &Key{id: hex.EncodeToString(sum[:6]), aead: aead}, nil
}

// decode gives the 32 bytes of a key, or nil. 64 characters cannot be the base64 of 32 bytes, so there is no doubt.
func decode(text string) []byte {
	if raw, err := hex.DecodeString(text); err == nil && len(raw) == keyBytes {
		return raw
	}
	text = strings.NewReplacer("-", "+", "_", "/").Replace(strings.TrimRight(text, "="))
	if raw, err := base64.RawStdEncoding.DecodeString(text); err == nil && len(raw) == keyBytes {
		return raw
	}
	return nil
}

// ID names the key: 12 hexadecimal digits of a digest. It may be shown and logged.
func (k *Key) ID() string { return k.id }

// String shows the id alone.
func (k *Key) String() string { return "key " + k.id }

// GoString keeps %#v from walking into the key.
func (k *Key) GoString() string { return k.String() }

// Ring holds the key that seals and those that still open. A nil Ring has none: it leaves documents plain.
type Ring struct {
	current *Key
	keys    map[string]*Key
}

// NewRing reads the key that seals from now on and, comma-separated, the previous ones. Without any it is nil. Errors
// name the variable.
func NewRing(current, previous string) (*Ring, error) {
	current, previous = strings.TrimSpace(current), strings.TrimSpace(previous)
	if current == "" && previous == "" {
		return nil, nil
	}
	if current == "" {
		return nil, fmt.Errorf("%s is set and %s is not: set the latter to the key that seals from now on", PreviousVariable, Variable)
	}
	key, err := ParseKey(current)
	if err != nil {
		return nil, fmt.Errorf("%s %w", Variable, err)
	}
	r := &Ring{current: key, keys: map[string]*Key{key.id: key}}
	for i, text := range strings.FieldsFunc(previous, func(c rune) bool { return c == ',' || c == ' ' || c == '\n' || c == '\t' }) {
		old, err := ParseKey(text)
		if err != nil {
			return nil, fmt.Errorf("%s, entry %d, %w", PreviousVariable, i+1, err)
		}
		r.keys[old.id] = old
	}
	return r, nil
}

// Current is the id of the key that seals; "" for a nil Ring.
func (r *Ring) Current() string {
	if r == nil {
		return ""
	}
	return r.current.id
}

// IDs lists the keys that open, the one that seals first.
func (r *Ring) IDs() []string {
	if r == nil {
		return nil
	}
	ids := []string{r.current.id}
	for id := range r.keys {
		if id != r.current.id {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids[1:])
	return ids
}

// String shows the ids alone.
func (r *Ring) String() string { return "keys " + strings.Join(r.IDs(), ", ") }

// GoString keeps %#v from walking into the keys.
func (r *Ring) GoString() string { return r.String() }

// MarshalText keeps JSON and logs to the ids.
func (r *Ring) MarshalText() ([]byte, error) { return []byte(r.String()), nil }
