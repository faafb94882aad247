package elevenlabs

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

const (
	vectorSecret = "wsec_test"
	vectorBody   = `{"type":"post_call_transcription","event_timestamp":1739537297,"data":{"conversation_id":"conv_1"}}`
	vectorV0     = "13fe0cf33ba5ea255a3d57b52ec990014642a02da4b1854c8eb81411d0b8aed4"
)

var vectorTime = time.Unix(1739537297, 0)

func TestSignatureVector(t *testing.T) {
	t.Parallel()
	require.Equal(t, "t=1739537297,v0="+vectorV0, SignatureHeader([]byte(vectorBody), vectorSecret, vectorTime))
}

func TestVerifySignature(t *testing.T) {
	t.Parallel()
	const good = "t=1739537297,v0=" + vectorV0
	zeros := strings.Repeat("0", 64)
	for name, test := range map[string]struct {
		header string
		later  time.Duration
		tol    Tolerance
		want   error
	}{
		"good":                 {header: good},
		"order":                {header: "v0=" + vectorV0 + ",t=1739537297"},
		"spaces":               {header: " t=1739537297 ,\tv0=" + vectorV0 + " "},
		"second v0 matches":    {header: "t=1739537297,v0=" + zeros + ",v0=" + vectorV0},
		"first v0 matches":     {header: good + ",v0=" + zeros},
		"unknown parts":        {header: "v1=x,," + good + ",flag"},
		"30 min old":           {header: good, later: 30 * time.Minute},
		"over 30 min old":      {header: good, later: 30*time.Minute + time.Second, want: ErrSignatureExpired},
		"5 min future":         {header: good, later: -5 * time.Minute},
		"over 5 min future":    {header: good, later: -5*time.Minute - time.Second, want: ErrSignatureExpired},
		"own tolerance":        {header: good, later: 40 * time.Minute, tol: Tolerance{Past: time.Hour}},
		"own narrow tolerance": {header: good, later: 2 * time.Minute, tol: Tolerance{Past: time.Minute}, want: ErrSignatureExpired},
		"own future":           {header: good, later: -2 * time.Minute, tol: Tolerance{Future: time.Minute}, want: ErrSignatureExpired},
		"none matches":         {header: "t=1739537297,v0=" + zeros, want: ErrSignatureMismatch},
		"prefix of the digest": {header: good[:len(good)-1], want: ErrSignatureMismatch},
		"other time":           {header: "t=1739537298,v0=" + vectorV0, want: ErrSignatureMismatch},
		"time written apart":   {header: "t=01739537297,v0=" + vectorV0, want: ErrSignatureMismatch},
		"empty":                {header: "", want: ErrSignatureMalformed},
		"no t":                 {header: "v0=" + vectorV0, want: ErrSignatureMalformed},
		"no v0":                {header: "t=1739537297", want: ErrSignatureMalformed},
		"empty v0":             {header: "t=1739537297,v0=", want: ErrSignatureMalformed},
		"two t":                {header: "t=1," + good, want: ErrSignatureMalformed},
		"t no number":          {header: "t=abc,v0=" + vectorV0, want: ErrSignatureMalformed},
		"t signed":             {header: "t=+1739537297,v0=" + vectorV0, want: ErrSignatureMalformed},
		"t overflows":          {header: "t=99999999999999999999,v0=" + vectorV0, want: ErrSignatureMalformed},
		"header too long":      {header: good + "," + strings.Repeat("x", 1024), want: ErrSignatureMalformed},
		"far future":           {header: "t=999999999999,v0=" + vectorV0, want: ErrSignatureExpired},
		"not ascii":            {header: "t=1739537297,v0=\xff\u00e9", want: ErrSignatureMismatch},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := VerifySignature(test.header, []byte(vectorBody), vectorSecret, vectorTime.Add(test.later), test.tol)
			require.ErrorIs(t, err, test.want)
		})
	}
	require.ErrorIs(t, VerifySignature(good, []byte(vectorBody+" "), vectorSecret, vectorTime, Tolerance{}), ErrSignatureMismatch)
	require.ErrorIs(t, VerifySignature(good, []byte(vectorBody), "wsec_other", vectorTime, Tolerance{}), ErrSignatureMismatch)
	unset := SignatureHeader([]byte(vectorBody), "", vectorTime)
	require.ErrorContains(t, VerifySignature(unset, []byte(vectorBody), "", vectorTime, Tolerance{}), "ELEVENLABS_WEBHOOK_SECRET")
}

func FuzzVerifySignature(f *testing.F) {
	f.Add("t=1739537297,v0=" + vectorV0)
	f.Add(" t=1 , v0=a,v0=b,t=2")
	f.Add(",=,t=,v0==")
	f.Fuzz(func(t *testing.T, header string) {
		err := VerifySignature(header, []byte(vectorBody), vectorSecret, vectorTime, Tolerance{})
		if err == nil {
			require.Contains(t, header, "v0="+vectorV0)
			require.Contains(t, header, "t=1739537297")
			require.LessOrEqual(t, len(header), maxSignatureHeader)
		}
		body := []byte(header) // what we sign verifies, whatever the body
		signed := SignatureHeader(body, vectorSecret, vectorTime)
		require.NoError(t, VerifySignature(signed, body, vectorSecret, vectorTime, Tolerance{}))
	})
}
