package auth_test

import (
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/auth"
	"github.com/callhenk/henk-worker/internal/auth/authtest"
)

const tokenSecret = "super-secret-jwt-token-with-at-least-32-characters"

func TestTokensAreGoodForTheirTimeAndLittleMore(t *testing.T) {
	t.Parallel()
	user, now := uuid.New(), time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		expires time.Time
		good    bool
	}{
		"for an hour":               {now.Add(time.Hour), true},
		"clocks apart":              {now.Add(-29 * time.Second), true},
		"over":                      {now.Add(-30 * time.Second), false},
		"issued by a clock ahead":   {now.Add(time.Hour + 29*time.Second), true},
		"issued in the future":      {now.Add(time.Hour + 2*time.Minute), false},
		"before the age of tokens":  {time.Unix(-1, 0), false},
		"the same, a long time ago": {now.AddDate(-5, 0, 0), false},
	} {
		id, err := auth.VerifyUser(authtest.Token(tokenSecret, user, c.expires), tokenSecret, now)
		require.Equal(t, c.good, err == nil, name)
		if c.good {
			require.Equal(t, user, id, name)
		} else {
			require.Equal(t, uuid.Nil, id, name)
		}
	}
	_, err := auth.VerifyUser(authtest.Token("", user, now.Add(time.Hour)), "", now)
	require.Error(t, err, "an empty secret signs nothing")
}

func TestAudienceMayBeAList(t *testing.T) {
	t.Parallel()
	user, now := uuid.New(), time.Now()
	sign := func(aud any) string {
		return authtest.Sign(tokenSecret, authtest.Claims{"alg": "HS256"}, authtest.Claims{"sub": user.String(), "role": "authenticated", "aud": aud, "exp": now.Add(time.Minute).Unix()})
	}
	for _, aud := range []any{"authenticated", []string{"other", "authenticated"}} {
		_, err := auth.VerifyUser(sign(aud), tokenSecret, now)
		require.NoError(t, err, aud)
	}
	for _, aud := range []any{nil, "", []string{}, []string{"other"}, 7, map[string]string{"authenticated": "x"}} {
		_, err := auth.VerifyUser(sign(aud), tokenSecret, now)
		require.Error(t, err, aud)
	}
}

// Whatever is sent, only what was signed for a user opens anything.
func FuzzVerifyUser(f *testing.F) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	user := uuid.MustParse("6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001")
	good := authtest.Token(tokenSecret, user, now.Add(time.Hour))
	for _, seed := range []string{good, good[:20], "", "..", "a.b.c", good + ".", "eyJhbGciOiJub25lIn0.e30."} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, token string) {
		if id, err := auth.VerifyUser(token, tokenSecret, now); err == nil {
			require.Equal(t, good, token)
			require.Equal(t, user, id)
		}
	})
}

func TestWhoMaySeeAndChangeWhat(t *testing.T) {
	t.Parallel()
	a, b := uuid.New(), uuid.New()
	for _, c := range []struct {
		who                    auth.Principal
		seesA, changesA, seesB bool
	}{
		{auth.Principal{}, false, false, false},
		{auth.Principal{Kind: auth.Operator}, true, true, true},
		{auth.Principal{Kind: auth.Service}, true, true, true},
		{auth.NewUser(uuid.New(), nil), false, false, false},
		{auth.NewUser(uuid.New(), map[uuid.UUID]string{a: "viewer"}), true, false, false},
		{auth.NewUser(uuid.New(), map[uuid.UUID]string{a: "member"}), true, true, false},
		{auth.Principal{Kind: "else"}, false, false, false},
	} {
		require.Equal(t, []bool{c.seesA, c.changesA, c.seesB, c.seesB}, []bool{c.who.MaySee(a), c.who.MayChange(a), c.who.MaySee(b), c.who.MayChange(b)}, "%+v", c.who)
	}
	require.Equal(t, "nobody", auth.From(t.Context()).Actor(), "no principal, no rights")
	require.ErrorIs(t, auth.Check(t.Context(), nil, auth.Campaign, a, false), auth.ErrNotFound)
}
