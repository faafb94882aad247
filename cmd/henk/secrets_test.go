package main

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

const (
	oneKey     = "8n0wyDVGD3aPwPkXk0Ih2s7XgJ5eQXJb1tq8ZfM4u6A="
	passphrase = "correct horse battery staple"
	secondKey  = "b1946ac92492d2347c6235b4d2611184e7d5a0f29c8b3d6471f0ace5b2938d60"
)

// A key is made, the credentials are sealed with it, and with the next one.
func TestSecretsRotate(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db := storetest.Open(t, url)
	world := storetest.NewWorld(t, db, nil)
	id := storetest.Insert(t, db, "integrations", storetest.Fields{"business_id": world.Business, "type": "crm", "name": "Salesforce",
		"credentials": `{"clientId":"client","refreshToken":"5Aep-token"}`})
	stored := func() (text string) {
		require.NoError(t, db.QueryRow(t.Context(), "select credentials::text from integrations where id = $1", id).Scan(&text))
		return text
	}
	rotate := func(key, previous string, flags ...string) (result, map[string]any) {
		r := henk(t, append(database(url), "HENK_ENCRYPTION_KEY="+key, "HENK_ENCRYPTION_KEY_PREVIOUS="+previous), append([]string{"secrets", "rotate", "--json"}, flags...)...)
		require.NotContains(t, r.stdout+r.stderr, "5Aep-token")
		if key != "" {
			require.NotContains(t, r.stdout+r.stderr, key)
		}
		var doc map[string]any
		if r.stdout != "" {
			require.NoError(t, json.Unmarshal([]byte(r.stdout), &doc))
		}
		return r, doc
	}

	r, _ := rotate("", "")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "HENK_ENCRYPTION_KEY is not set; make a key with: openssl rand -base64 32")
	r, _ = rotate(passphrase, "")
	require.Equal(t, 1, r.code)
	require.Contains(t, r.stderr, "HENK_ENCRYPTION_KEY must be 32 random bytes")

	state := func(doc map[string]any) any { return doc["integrations"].([]any)[0].(map[string]any)["state"] }
	r, doc := rotate(oneKey, "", "--dry-run")
	require.Zero(t, r.code, r.stderr)
	require.Equal(t, "sealed", state(doc))
	require.Contains(t, stored(), "5Aep-token", "a dry run changes nothing")
	for _, want := range []string{"sealed", "current"} {
		r, doc = rotate(oneKey, "")
		require.Zero(t, r.code, r.stderr)
		require.Equal(t, want, state(doc))
		require.NotContains(t, stored(), "5Aep-token")
	}

	sealed := stored()
	r, doc = rotate(secondKey, "")
	require.Equal(t, 1, r.code, "the previous key is missing")
	require.Equal(t, false, doc["ok"])
	require.Contains(t, r.stdout, "HENK_ENCRYPTION_KEY_PREVIOUS")
	require.Equal(t, sealed, stored())
	r, doc = rotate(secondKey, oneKey)
	require.Zero(t, r.code, r.stderr)
	require.Equal(t, "resealed", state(doc))

	r = henk(t, append(database(url), "HENK_ENCRYPTION_KEY="+secondKey), "secrets", "rotate")
	require.Zero(t, r.code, r.stderr)
	require.Contains(t, r.stdout, "current")
	require.Equal(t, 2, henk(t, nil, "secrets").code)
	require.Equal(t, 2, henk(t, nil, "secrets", "show").code)
}
