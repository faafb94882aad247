package elevenlabs

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"unicode/utf8"
)

// decodeValue decodes one value. Whole numbers may come as 12.0 or 12.7 (rounded
// down); numbers inside an `any` stay json.Number, so that nothing is lost.
func decodeValue(raw json.RawMessage, dst any) error {
	switch dst := dst.(type) {
	case *int:
		n, err := wholeNumber(raw)
		*dst = int(n)
		return err
	case *int64:
		n, err := wholeNumber(raw)
		*dst = n
		return err
	case **int64:
		n, err := wholeNumber(raw)
		*dst = &n
		return err
	case *any, *map[string]any:
		decoder := json.NewDecoder(bytes.NewReader(raw))
		decoder.UseNumber()
		return decoder.Decode(dst)
	case *string:
		if text, ok := plainString(raw); ok {
			*dst = text
			return nil
		}
	case **string:
		if text, ok := plainString(raw); ok {
			*dst = &text
			return nil
		}
	}
	return json.Unmarshal(raw, dst)
}

// plainString spares encoding/json the most common value, an ASCII string
// without escapes. raw is known to be one valid JSON value.
func plainString(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	for _, b := range inner {
		if b == '\\' || b >= utf8.RuneSelf {
			return "", false
		}
	}
	return string(inner), true
}

func wholeNumber(raw json.RawMessage) (int64, error) {
	if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
		return n, nil
	}
	var f float64
	if err := json.Unmarshal(raw, &f); err != nil {
		return 0, err
	}
	const exact = 1 << 53
	if math.Abs(f) > exact {
		return 0, errors.New("number out of range")
	}
	return int64(math.Floor(f)), nil
}

// jsonKind names a value's type, never the value.
func jsonKind(raw []byte) string {
	raw = bytes.TrimLeft(raw, " \t\r\n")
	switch {
	case len(raw) == 0:
		return "nothing"
	case raw[0] == '"':
		return "string"
	case raw[0] == '{':
		return "object"
	case raw[0] == '[':
		return "list"
	case raw[0] == 't', raw[0] == 'f':
		return "boolean"
	case raw[0] == 'n':
		return "null"
	default:
		return "number"
	}
}

// replaceNULs turns each \u0000 escape into \ufffd. A backslash that is itself
// escaped does not begin an escape.
func replaceNULs(data []byte) []byte {
	const nul = `\u0000`
	if !bytes.Contains(data, []byte(nul)) {
		return data
	}
	out := bytes.Clone(data)
	for i := 0; i+1 < len(out); i++ {
		if out[i] != '\\' {
			continue
		}
		if bytes.HasPrefix(out[i:], []byte(nul)) {
			copy(out[i:], `\ufffd`)
		}
		i++ // the escaped character
	}
	return out
}
