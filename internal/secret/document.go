package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	version   = 1
	algorithm = "XChaCha20-Poly1305"
	member    = "sealed"
)

// envelope is the value of the member "sealed".
type envelope struct {
	Version   int    `json:"version"`
	Algorithm string `json:"algorithm"`
	Key       string `json:"key"`
	Data      string `json:"data"` // base64 of nonce and ciphertext
}

// ErrSealed is what every failure to open is: a missing or wrong key, or a document that was changed or moved.
var ErrSealed = errors.New("the credentials are sealed and cannot be opened")

// Seal gives the document sealed with the current key. about says whose it is, such as "integrations/ID"; the same is
// needed to open it. A nil Ring gives the document as it is. Each call gives another text, since it takes a new nonce.
func (r *Ring) Seal(doc []byte, about string) ([]byte, error) {
	if r == nil {
		return doc, nil
	}
	if !isObject(doc) {
		return nil, errors.New("only a JSON object can be sealed")
	}
	nonce := make([]byte, r.current.aead.NonceSize(), r.current.aead.NonceSize()+len(doc)+r.current.aead.Overhead())
	rand.Read(nonce) // never fails
	e := envelope{Version: version, Algorithm: algorithm, Key: r.current.id}
	e.Data = base64.StdEncoding.EncodeToString(r.current.aead.Seal(nonce, nonce, doc, e.bound(about)))
	out, err := json.Marshal(map[string]envelope{member: e})
	if err != nil {
		return nil, fmt.Errorf("encoding the sealed document: %w", err)
	}
	return out, nil
}

// Open gives the plain document and the id of the key that sealed it; "" where nothing was sealed. A plain document
// comes back as it is. Members that stand beside "sealed" were written by somebody who knows nothing of it, after it was
// sealed: they replace those inside. Errors are ErrSealed, name the key and say how to mend it.
func (r *Ring) Open(doc []byte, about string) (plain []byte, key string, err error) {
	members, e := read(doc)
	if e == nil {
		return doc, "", nil
	}
	inside, err := r.open(e, about)
	if err != nil {
		return nil, e.Key, err
	}
	delete(members, member)
	if len(members) == 0 {
		return inside, e.Key, nil
	}
	merged := map[string]json.RawMessage{}
	if json.Unmarshal(inside, &merged) != nil || merged == nil {
		return nil, e.Key, fmt.Errorf("%w: what is inside is no JSON object", ErrSealed)
	}
	for name, value := range members {
		merged[name] = value
	}
	plain, err = json.Marshal(merged)
	if err != nil {
		return nil, e.Key, fmt.Errorf("%w: it holds a member that is no JSON", ErrSealed)
	}
	return plain, e.Key, nil
}

func (r *Ring) open(e *envelope, about string) ([]byte, error) {
	switch {
	case e.Version != version || e.Algorithm != algorithm:
		return nil, fmt.Errorf("%w: they have version %d, this program knows version %d; run the version that sealed them", ErrSealed, e.Version, version)
	case r == nil:
		return nil, fmt.Errorf("%w: %s is not set; set it to the key with the id %s", ErrSealed, Variable, shown(e.Key))
	case r.keys[e.Key] == nil:
		return nil, fmt.Errorf("%w: they were sealed with key %s, and the keys set here are %v; put that key into %s, then run: henk secrets rotate",
			ErrSealed, shown(e.Key), r.IDs(), PreviousVariable)
	}
	k := r.keys[e.Key]
	data, err := base64.StdEncoding.DecodeString(e.Data)
	if err != nil || len(data) < k.aead.NonceSize()+k.aead.Overhead() {
		return nil, fmt.Errorf("%w: the text sealed with key %s is cut off or spoilt; connect the integration again", ErrSealed, k.id)
	}
	plain, err := k.aead.Open(nil, data[:k.aead.NonceSize()], data[k.aead.NonceSize():], e.bound(about))
	if err != nil {
		return nil, fmt.Errorf("%w: the text sealed with key %s was changed, or copied from another integration; connect the integration again", ErrSealed, k.id)
	}
	return plain, nil
}

// bound is what is authenticated beside the text: everything that says how and where it may be opened.
func (e *envelope) bound(about string) []byte {
	return fmt.Appendf(nil, "henk\x00%d\x00%s\x00%s\x00%s", e.Version, e.Algorithm, e.Key, about)
}

// Sealed tells whether a document is sealed, wholly or with plain members beside, and with which key.
func Sealed(doc []byte) (key string, whole bool) {
	members, e := read(doc)
	if e == nil {
		return "", false
	}
	return e.Key, len(members) == 1
}

// read gives the document's members and its envelope, nil where it has none.
func read(doc []byte) (map[string]json.RawMessage, *envelope) {
	var members map[string]json.RawMessage
	if json.Unmarshal(doc, &members) != nil {
		return nil, nil
	}
	raw, ok := members[member]
	if !ok || !isObject(raw) {
		return members, nil
	}
	e := &envelope{}
	if json.Unmarshal(raw, e) != nil {
		e = &envelope{} // no version: refused
	}
	return members, e
}

func isObject(doc []byte) bool {
	return json.Valid(doc) && bytes.HasPrefix(bytes.TrimSpace(doc), []byte("{"))
}

// shown is a key's id as it may stand in an error; it comes from the database, so it may be anything.
func shown(id string) string {
	if len(id) > 24 {
		return "(no id)"
	}
	for _, c := range []byte(id) {
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return "(no id)"
		}
	}
	return id
}
