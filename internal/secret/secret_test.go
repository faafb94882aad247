package secret

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func raw(t testing.TB) []byte {
	t.Helper()
	b := make([]byte, 32)
	rand.Read(b)
	return b
}

func newKey(t testing.TB) string { return base64.StdEncoding.EncodeToString(raw(t)) }

func ring(t testing.TB, current, previous string) *Ring {
	t.Helper()
	r, err := NewRing(current, previous)
	require.NoError(t, err)
	return r
}

func TestKeyFormats(t *testing.T) {
	t.Parallel()
	b := raw(t)
	var id string
	for name, text := range map[string]string{
		"base64": base64.StdEncoding.EncodeToString(b), "base64, no padding": base64.RawStdEncoding.EncodeToString(b),
		"base64url": base64.URLEncoding.EncodeToString(b), "base64url, no padding": base64.RawURLEncoding.EncodeToString(b),
		"hex": hex.EncodeToString(b), "HEX": strings.ToUpper(hex.EncodeToString(b)), "spaces around": " " + hex.EncodeToString(b) + "\n",
	} {
		k, err := ParseKey(text)
		require.NoError(t, err, name)
		require.Len(t, k.ID(), 12)
		if id == "" {
			id = k.ID()
		}
		require.Equal(t, id, k.ID(), name)
	}
	for name, text := range map[string]string{
		"passphrase": "correct horse battery staple", "long passphrase": "a passphrase that is longer than thirty-two bytes, and still one",
		"32 letters": "abcdefghijklmnopqrstuvwxyz012345", "16 bytes": hex.EncodeToString(b[:16]), "31 bytes": base64.StdEncoding.EncodeToString(b[:31]),
		"33 bytes": base64.StdEncoding.EncodeToString(append(b, 1)), "empty": "",
	} {
		_, err := ParseKey(text)
		require.ErrorContains(t, err, "openssl rand -base64 32", name)
		require.ErrorContains(t, err, "not a passphrase", name)
		if text != "" {
			require.NotContains(t, err.Error(), text)
		}
	}
	for _, text := range []string{strings.Repeat("0", 64), strings.Repeat("ab", 32), base64.StdEncoding.EncodeToString(bytes.Repeat([]byte("abcdefgh"), 4))} {
		_, err := ParseKey(text)
		require.ErrorContains(t, err, "not random")
	}
}

func TestRingErrors(t *testing.T) {
	t.Parallel()
	r, err := NewRing(" ", "")
	require.NoError(t, err)
	require.Nil(t, r)
	_, err = NewRing("", newKey(t))
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY_PREVIOUS is set and HENK_ENCRYPTION_KEY is not")
	_, err = NewRing("hunter2", "")
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY must be 32 random bytes")
	_, err = NewRing(newKey(t), newKey(t)+", hunter2")
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY_PREVIOUS, entry 2, must be 32 random bytes")
	require.NotContains(t, err.Error(), "hunter2")
}

const doc = `{"clientId":"3MVG9","refreshToken":"5Aep-very-secret","accessToken":"00D!abc"}`

func TestSealAndOpen(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey(t), "")
	sealed, err := r.Seal([]byte(doc), "integrations/1")
	require.NoError(t, err)
	require.NotContains(t, string(sealed), "5Aep")
	again, err := r.Seal([]byte(doc), "integrations/1")
	require.NoError(t, err)
	require.NotEqual(t, sealed, again, "a nonce is never used twice")
	key, whole := Sealed(sealed)
	require.Equal(t, r.Current(), key)
	require.True(t, whole)

	// Postgres reorders members and spaces.
	var moved map[string]any
	require.NoError(t, json.Unmarshal(sealed, &moved))
	spaced, err := json.MarshalIndent(moved, "", "  ")
	require.NoError(t, err)
	plain, key, err := r.Open(spaced, "integrations/1")
	require.NoError(t, err)
	require.Equal(t, r.Current(), key)
	require.Equal(t, doc, string(plain))

	_, _, err = r.Open(sealed, "integrations/2")
	require.ErrorIs(t, err, ErrSealed)
	require.ErrorContains(t, err, "copied from another integration")
	for _, bad := range []string{`[]`, `null`, `"x"`, ``, `{`} {
		_, err := r.Seal([]byte(bad), "x")
		require.Error(t, err, bad)
	}
}

func TestPlainDocumentsStayReadable(t *testing.T) {
	t.Parallel()
	var none *Ring
	for _, r := range []*Ring{none, ring(t, newKey(t), "")} {
		for _, text := range []string{doc, `{}`, `null`, `[1]`, `{"sealed": "no envelope"}`, ``} {
			plain, key, err := r.Open([]byte(text), "x")
			require.NoError(t, err)
			require.Empty(t, key)
			require.Equal(t, text, string(plain))
		}
	}
	same, err := none.Seal([]byte(doc), "x")
	require.NoError(t, err)
	require.Equal(t, doc, string(same))
	require.Empty(t, none.Current())
}

// The web app may write a new token into the object that it finds.
func TestMembersBesideTheSealReplaceThoseInside(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey(t), "")
	sealed, err := r.Seal([]byte(doc), "x")
	require.NoError(t, err)
	mixed := strings.Replace(string(sealed), "{", `{"refreshToken":"new",`, 1)
	_, whole := Sealed([]byte(mixed))
	require.False(t, whole)
	plain, _, err := r.Open([]byte(mixed), "x")
	require.NoError(t, err)
	require.JSONEq(t, strings.Replace(doc, "5Aep-very-secret", "new", 1), string(plain))
}

func TestKeysChange(t *testing.T) {
	t.Parallel()
	oldKey, newerKey := newKey(t), newKey(t)
	before := ring(t, oldKey, "")
	sealed, err := before.Seal([]byte(doc), "x")
	require.NoError(t, err)

	both := ring(t, newerKey, oldKey)
	plain, key, err := both.Open(sealed, "x")
	require.NoError(t, err)
	require.Equal(t, doc, string(plain))
	require.Equal(t, before.Current(), key)
	require.Equal(t, []string{both.Current(), before.Current()}, both.IDs())
	resealed, err := both.Seal(plain, "x")
	require.NoError(t, err)
	key, _ = Sealed(resealed)
	require.Equal(t, both.Current(), key)

	_, key, err = ring(t, newerKey, "").Open(sealed, "x")
	require.ErrorIs(t, err, ErrSealed)
	require.ErrorContains(t, err, before.Current())
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY_PREVIOUS")
	require.Equal(t, before.Current(), key)
	var none *Ring
	_, _, err = none.Open(sealed, "x")
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY is not set; set it to the key with the id "+before.Current())
	for _, text := range []string{fmt.Sprint(err), fmt.Sprintf("%v %+v %#v %s", both, both, both, both)} {
		require.NotContains(t, text, oldKey)
		require.NotContains(t, text, newerKey)
	}
}

func TestChangedEnvelopesAreRefused(t *testing.T) {
	t.Parallel()
	r := ring(t, newKey(t), newKey(t))
	other := r.IDs()[1]
	sealed, err := r.Seal([]byte(doc), "x")
	require.NoError(t, err)
	for name, edit := range map[string]func(e map[string]any){
		"other key":     func(e map[string]any) { e["key"] = other },
		"version":       func(e map[string]any) { e["version"] = 2 },
		"no version":    func(e map[string]any) { delete(e, "version") },
		"algorithm":     func(e map[string]any) { e["algorithm"] = "none" },
		"data cut":      func(e map[string]any) { e["data"] = e["data"].(string)[:40] },
		"data empty":    func(e map[string]any) { e["data"] = "" },
		"data no text":  func(e map[string]any) { e["data"] = 7 },
		"data rubbish":  func(e map[string]any) { e["data"] = "%%%" },
		"a bit flipped": func(e map[string]any) { e["data"] = flip(e["data"].(string)) },
		"hostile id":    func(e map[string]any) { e["key"] = "x\n" + strings.Repeat("secret", 99) },
	} {
		var d map[string]map[string]any
		require.NoError(t, json.Unmarshal(sealed, &d))
		edit(d["sealed"])
		text, err := json.Marshal(d)
		require.NoError(t, err)
		_, _, err = r.Open(text, "x")
		require.ErrorIs(t, err, ErrSealed, name)
		require.NotContains(t, err.Error(), "secretsecret", name)
	}
}

func flip(data string) string {
	b, _ := base64.StdEncoding.DecodeString(data)
	b[len(b)/2] ^= 1
	return base64.StdEncoding.EncodeToString(b)
}

func TestKeysAreNeverLogged(t *testing.T) {
	t.Parallel()
	text := newKey(t)
	r := ring(t, text, "")
	var out bytes.Buffer
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "ring", r, "key", r.current)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "ring", r)
	require.Contains(t, out.String(), r.Current())
	b := decode(text)
	for _, shown := range []string{text, hex.EncodeToString(b), fmt.Sprint(b)} {
		require.NotContains(t, out.String(), shown)
	}
}

func FuzzOpen(f *testing.F) {
	key := newKey(f)
	r := ring(f, key, "")
	sealed, err := r.Seal([]byte(doc), "x")
	require.NoError(f, err)
	f.Add(sealed)
	f.Add([]byte(doc))
	f.Add([]byte(`{"sealed":{"version":1,"algorithm":"XChaCha20-Poly1305","key":"","data":""},"a":1}`))
	f.Add([]byte(`{"sealed":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		plain, id, err := r.Open(text, "x")
		switch {
		case err != nil:
			require.ErrorIs(t, err, ErrSealed)
			require.Nil(t, plain)
		case id == "":
			require.Equal(t, text, plain)
		default:
			require.Equal(t, r.Current(), id)
			require.Contains(t, string(plain), "clientId", "only what was sealed opens")
		}
	})
}
