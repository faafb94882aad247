package crm

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/secret"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func newSecretKey() string {
	raw := make([]byte, 32)
	rand.Read(raw)
	return base64.StdEncoding.EncodeToString(raw)
}

func ringOf(t *testing.T, current, previous string) *secret.Ring {
	t.Helper()
	r, err := secret.NewRing(current, previous)
	require.NoError(t, err)
	return r
}

// The next token that is written seals the credentials; from then on they are read with the key only.
func TestATokenWriteSealsTheCredentials(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	stored := func() string { return f.text("select credentials from integrations") }
	key := newSecretKey()
	f.writer.Config.Keys = ringOf(t, key, "")
	call := f.call(f.lead(f.contact(1), nil), "interested", nil)
	f.add(call)
	require.Equal(t, 1, f.run().Done)
	id, whole := secret.Sealed([]byte(stored()))
	require.Equal(t, f.writer.Config.Keys.Current(), id)
	require.True(t, whole)
	require.NotContains(t, stored(), "refresh")
	require.NotContains(t, stored(), f.sim.RefreshToken())

	f.sim.ExpireSessions() // the sealed refresh token is the valid one
	second := f.call(f.lead(f.contact(2), nil), "interested", nil)
	f.add(second)
	require.Equal(t, 1, f.run().Done)

	for name, keys := range map[string]*secret.Ring{"no key": nil, "another key": ringOf(t, newSecretKey(), "")} {
		before := f.answered.Load()
		f.writer.Config.Keys = keys
		f.add(second)
		f.due()
		res, err := f.writer.Run(t.Context(), WriteBackScope{IntegrationID: f.integration})
		require.NoError(t, err)
		require.Contains(t, res.Reason, id, name)
		require.Contains(t, res.Reason, "HENK_ENCRYPTION_KEY", name)
		require.NotContains(t, res.Reason, key, name)
		require.Equal(t, before, f.answered.Load(), name)
	}
	f.writer.Config.Keys = ringOf(t, newSecretKey(), key)
	require.Positive(t, f.run().Done, "a previous key opens")
}

func TestRotateCredentials(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, nil)
	add := func(kind, name string, credentials any) uuid.UUID {
		return storetest.Insert(t, f.db, "integrations", storetest.Fields{"business_id": f.world.Business, "type": kind, "name": name, "credentials": credentials})
	}
	empty, null, rubbish := add("crm", "Salesforce", "{}"), add("crm", "Salesforce", nil), add("crm", "Salesforce", `[1]`)
	payment := add("payment", "Stripe", `{"apiKey":"sk_live"}`)
	states := func(keys *secret.Ring, dry bool) map[uuid.UUID]string {
		results, err := RotateCredentials(t.Context(), f.db, keys, dry)
		require.NoError(t, err)
		out := map[uuid.UUID]string{}
		for _, r := range results {
			out[r.IntegrationID] = r.State
			require.Equal(t, r.State == SecretFailed, r.Problem != "")
		}
		return out
	}
	plain := f.text("select string_agg(credentials::text, '|' order by id) from integrations")
	first := newSecretKey()
	want := map[uuid.UUID]string{f.integration: SecretSealed, empty: SecretEmpty, null: SecretEmpty, rubbish: SecretFailed}
	require.Equal(t, want, states(ringOf(t, first, ""), true))
	require.Equal(t, plain, f.text("select string_agg(credentials::text, '|' order by id) from integrations"), "a dry run writes nothing")
	require.Equal(t, want, states(ringOf(t, first, ""), false))
	require.Contains(t, f.text("select credentials from integrations where id = $1", payment), "sk_live", "others are the app's own")
	want[f.integration] = SecretCurrent
	require.Equal(t, want, states(ringOf(t, first, ""), false), "safe to repeat")

	second := newSecretKey()
	want[f.integration] = SecretFailed
	require.Equal(t, want, states(ringOf(t, second, ""), false), "the previous key is missing")
	want[f.integration] = SecretResealed
	require.Equal(t, want, states(ringOf(t, second, first), false))
	f.writer.Config.Keys = ringOf(t, second, "")
	call := f.call(f.lead(f.contact(1), nil), "interested", nil)
	f.add(call)
	require.Equal(t, 1, f.run().Done)

	f.exec("update integrations set credentials = credentials || '{\"refreshToken\":\"by the app\"}' where id = $1", f.integration)
	want[f.integration] = SecretSealed
	require.Equal(t, want, states(ringOf(t, second, ""), false), "what the app wrote beside is sealed too")
	require.NotContains(t, f.text("select credentials from integrations where id = $1", f.integration), "by the app")
	_, err := RotateCredentials(t.Context(), f.db, nil, false)
	require.ErrorContains(t, err, "HENK_ENCRYPTION_KEY is not set; make a key with: openssl rand -base64 32")
}

// Tokens that workers exchange meanwhile are not lost: the rotation takes the same lock.
func TestRotationBesideTokenRefreshes(t *testing.T) {
	t.Parallel()
	f := newWriteWorld(t, nil, func(o *salesforcesim.Options) { o.Rotate = true })
	keys := []string{newSecretKey(), newSecretKey(), newSecretKey()}
	all := ringOf(t, keys[0], strings.Join(keys, ","))
	ctx := context.WithoutCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		for range 8 {
			for i := range keys {
				_, err := RotateCredentials(ctx, f.db, ringOf(t, keys[i], strings.Join(keys, ",")), false)
				require.NoError(t, err)
			}
		}
	})
	cfg := f.writer.Config
	cfg.Keys = all
	wg.Go(func() {
		for range 12 {
			conn, err := Open(ctx, f.db, f.integration, cfg)
			require.NoError(t, err)
			f.sim.ExpireSessions()
			_, err = conn.Client.Limits(ctx)
			require.NoError(t, err)
			conn.Close()
		}
	})
	wg.Wait()
	require.Zero(t, f.sim.Stats().Requests["reused_refresh_token"])
	require.NotEmpty(t, f.sim.RefreshToken())
}
