package elevenlabssim

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"strings"
)

// A call carries a dozen dynamic variables of which most repeat from call to call. Kept as JSON, 100,000 calls would need over
// 60 MB; packed, a call's variables take some eighty bytes: the set of names is stored once, a repeated value once per name,
// a uuid as its sixteen bytes.

// variable is one dynamic variable. For a string, val is the text between the quotes, still escaped; otherwise the raw token.
type variable struct {
	key, val string
	text     bool
}

// plain returns the variable's value as a filter compares it.
func (v variable) plain() string {
	if !v.text {
		return v.val
	}
	return string(unquote([]byte(`"` + v.val + `"`)))
}

func (v variable) append(b []byte) []byte {
	b = append(appendQuoted(b, v.key), ':')
	if !v.text {
		return append(b, v.val...)
	}
	return append(append(append(b, '"'), v.val...), '"')
}

// Pseudo-variables for the rest of the initiation data. A raw NUL cannot occur in a JSON key, so they clash with nothing.
const (
	keyUser  = "\x00user"  // user_id
	keyExtra = "\x00extra" // the other members, as they came
)

const maxDict = 512 // values remembered per name; beyond it they are stored inline

const (
	packedRef  = iota // uvarint: index into the name's dictionary, low bit = text
	packedUUID        // 16 bytes
	packedText        // uvarint length, bytes
	packedRaw         // uvarint length, bytes
)

type member struct{ key, val []byte }

type dict struct {
	ids  map[string]uint64
	vals []string
}

type packer struct {
	keyIDs   map[string]uint64
	keys     []string
	dicts    []dict // by key id
	shapeIDs map[string]uint64
	shapes   [][]uint64 // key ids
	scratch  []byte
	shape    []byte
}

func newPacker() *packer {
	return &packer{keyIDs: map[string]uint64{}, shapeIDs: map[string]uint64{}}
}

// pack stores the members, each a name and a raw JSON scalar (or anything, for the pseudo-variables).
func (p *packer) pack(list []member) string {
	p.shape, p.scratch = p.shape[:0], p.scratch[:0]
	for _, m := range list {
		p.shape = binary.AppendUvarint(p.shape, p.keyID(m.key))
	}
	shape, ok := p.shapeIDs[string(p.shape)]
	if !ok {
		shape = uint64(len(p.shapes))
		p.shapeIDs[string(p.shape)] = shape
		ids := make([]uint64, len(list))
		for i, m := range list {
			ids[i] = p.keyID(m.key)
		}
		p.shapes = append(p.shapes, ids)
	}
	p.scratch = binary.AppendUvarint(p.scratch, shape)
	for _, m := range list {
		p.packValue(p.keyIDs[string(m.key)], m.val)
	}
	return string(p.scratch)
}

func (p *packer) keyID(key []byte) uint64 {
	id, ok := p.keyIDs[string(key)]
	if !ok {
		id = uint64(len(p.keys))
		p.keyIDs[string(key)] = id
		p.keys = append(p.keys, string(key))
		p.dicts = append(p.dicts, dict{ids: map[string]uint64{}})
	}
	return id
}

func (p *packer) packValue(key uint64, token []byte) {
	val, text := token, token[0] == '"'
	if text {
		val = token[1 : len(token)-1]
		if id, ok := parseUUID(val); ok {
			p.scratch = append(append(p.scratch, packedUUID), id[:]...)
			return
		}
	}
	d := &p.dicts[key]
	ref, known := d.ids[string(token)]
	if !known && len(d.vals) < maxDict {
		ref = uint64(len(d.vals)) << 1
		if text {
			ref |= 1
		}
		whole := string(token)
		d.ids[whole] = ref
		if text {
			whole = whole[1 : len(whole)-1]
		}
		d.vals, known = append(d.vals, whole), true
	}
	switch {
	case known:
		p.scratch = binary.AppendUvarint(append(p.scratch, packedRef), ref)
	case text:
		p.scratch = append(binary.AppendUvarint(append(p.scratch, packedText), uint64(len(val))), val...)
	default:
		p.scratch = append(binary.AppendUvarint(append(p.scratch, packedRaw), uint64(len(val))), val...)
	}
}

// unpack is the inverse of pack.
func (p *packer) unpack(packed string) []variable {
	b := []byte(packed)
	shape, n := binary.Uvarint(b)
	b = b[n:]
	list := make([]variable, 0, len(p.shapes[shape]))
	for _, key := range p.shapes[shape] {
		v := variable{key: p.keys[key], text: true}
		switch kind := b[0]; kind {
		case packedUUID:
			v.val, b = formatUUID(b[1:17]), b[17:]
		case packedRef:
			ref, n := binary.Uvarint(b[1:])
			v.val, v.text, b = p.dicts[key].vals[ref>>1], ref&1 == 1, b[1+n:]
		default:
			size, n := binary.Uvarint(b[1:])
			end := 1 + n + int(size)
			v.val, v.text, b = string(b[1+n:end]), kind == packedText, b[end:]
		}
		list = append(list, v)
	}
	return list
}

// lookup returns the named variable of a list; the zero variable when it is absent.
func lookup(list []variable, key string) (variable, bool) {
	for _, v := range list {
		if v.key == key {
			return v, true
		}
	}
	return variable{}, false
}

// decodeVars is the list as the Script callback sees it.
func decodeVars(list []variable) map[string]any {
	out := make(map[string]any, len(list))
	for _, v := range list {
		if strings.HasPrefix(v.key, "\x00") {
			continue
		}
		if v.text {
			out[v.key] = v.plain()
			continue
		}
		var val any
		if json.Unmarshal([]byte(v.val), &val) == nil {
			out[v.key] = val
		}
	}
	return out
}

// parseUUID accepts the canonical lower-case form only, so that formatUUID gives back exactly what came.
func parseUUID(text []byte) (id [16]byte, ok bool) {
	if len(text) != 36 || text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-' {
		return id, false
	}
	var digits [32]byte
	n := 0
	for i, c := range text {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			continue
		}
		if (c < '0' || c > '9') && (c < 'a' || c > 'f') {
			return id, false
		}
		digits[n] = c
		n++
	}
	_, err := hex.Decode(id[:], digits[:])
	return id, err == nil
}

func formatUUID(id []byte) string {
	h := hex.EncodeToString(id)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:]
}
