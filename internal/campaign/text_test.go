package campaign

import (
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/phone"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestParseRetry(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{
		"Wait 24 hours before retry":         24 * time.Hour,
		"":                                   24 * time.Hour,
		"as you like":                        24 * time.Hour,
		"0 hours":                            24 * time.Hour,
		"0 hours, then 45 minutes":           45 * time.Minute,
		"Retry after 2 Days":                 48 * time.Hour,
		"every 90min":                        90 * time.Minute,
		"1-hour pause":                       time.Hour,
		"3 hrs":                              3 * time.Hour,
		"wait 1.5 hours.":                    90 * time.Minute,
		"after 0.0 hours, or 2.25 days":      54 * time.Hour,
		"version 2.0, 1 hour":                time.Hour,
		"5 daylight savings":                 24 * time.Hour,
		"999999999 days":                     366 * 24 * time.Hour,
		"99999999999999999999 hours":         366 * 24 * time.Hour,
		"1000000001 minutes":                 366 * 24 * time.Hour,
		"max 3 attempts, wait 6 hours apart": 6 * time.Hour,
	} {
		require.Equal(t, want, ParseRetry(text).Interval, "%q", text)
	}
}

func TestRetryByOutcome(t *testing.T) {
	t.Parallel()
	for text, c := range map[string]struct {
		busy, noAnswer, voicemail, other time.Duration
		understood                       string
	}{
		"Wait 24 hours before retry": {24 * time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour, "1 day"},
		"whenever":                   {24 * time.Hour, 24 * time.Hour, 24 * time.Hour, 24 * time.Hour, "1 day (the default: the text names no interval)"},
		"busy: 30 minutes, no answer: 4 hours, voicemail after 2 days, otherwise 24 hours": {30 * time.Minute, 4 * time.Hour, 48 * time.Hour, 24 * time.Hour,
			"30 minutes after busy, 4 hours after no answer, 2 days after voicemail, else 1 day"},
		"If busy or no answer, retry after 90 minutes; else wait 2 days.": {90 * time.Minute, 90 * time.Minute, 48 * time.Hour, 48 * time.Hour,
			"90 minutes after busy, 90 minutes after no answer, else 2 days"},
		"Retry when busy after 20 minutes": {20 * time.Minute, 20 * time.Minute, 20 * time.Minute, 20 * time.Minute, "20 minutes after busy, else 20 minutes"},
	} {
		r := ParseRetry(text)
		require.Equal(t, []time.Duration{c.busy, c.noAnswer, c.voicemail, c.other},
			[]time.Duration{r.After("busy"), r.After("no_answer"), r.After("voicemail"), r.After("")}, text)
		require.Equal(t, c.understood, r.String(), text)
	}
}

func FuzzParseRetry(f *testing.F) {
	f.Add("busy: 30 minutes, otherwise 24 hours")
	f.Fuzz(func(t *testing.T, text string) {
		r := ParseRetry(text)
		for _, outcome := range []string{"", "busy", "no_answer", "voicemail", "failed"} {
			require.Positive(t, r.After(outcome))
			require.LessOrEqual(t, r.After(outcome), maxRetry)
		}
		require.NotEmpty(t, r.String())
	})
}

func TestParseSettings(t *testing.T) {
	t.Parallel()
	day := func(from, to string) calltime.Hours {
		f, err := calltime.ParseTimeOfDay(from)
		require.NoError(t, err)
		u, err := calltime.ParseTimeOfDay(to)
		require.NoError(t, err)
		return calltime.Between(f, u)
	}
	for text, want := range map[string]calltime.Hours{
		``:                                  day("08:00", "21:00"),
		`null`:                              day("08:00", "21:00"),
		`{}`:                                day("08:00", "21:00"),
		`{"legal_day": "09:00-20:00"}`:      day("09:00", "20:00"),
		`{"legal_day": ["10:00", "20:00"]}`: day("10:00", "20:00"),
		`{"legal_day": {"from": "06:00", "to": "23:00"}}`:                              day("08:00", "21:00"),
		`{"legal_day": {"start": "06:00", "end": "23:00"}, "legal_day_override":true}`: day("06:00", "23:00"),
		`{"legal_day": {"from": "22:00", "to": "23:00"}}`:                              day("21:00", "21:00"),
	} {
		got, err := ParseSettings([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got.LegalDay, text)
	}
	for _, text := range []string{`[]`, `{"legal_day": "noon"}`, `{"legal_day": {"from": "09:00"}}`, `{"legal_day": {"from": "22:00", "to": "06:00"}}`,
		`{"timezone": "EST"}`, `{"timezone": "../../etc/passwd"}`, `{"window_margin_seconds": -1}`, `{"countries": "US"}`,
		`{"state_pack_exempt": ["Atlantis"]}`, `{"state_pack_exempt": "FL"}`, `{"max_per_number_24h": "3"}`, `{"max_per_number_24h": 1.5}`} {
		_, err := ParseSettings([]byte(text))
		require.Error(t, err, text)
	}
}

func TestCountrySettings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]string{
		`{}`:                            nil,
		`{"countries": null}`:           nil,
		`{"countries": []}`:             {}, // set, and none of them: nobody is called
		`{"countries": ["us", " GB "]}`: {"US", "GB"},
	} {
		got, err := ParseSettings([]byte(text))
		require.NoError(t, err, text)
		require.Equal(t, want, got.Countries, text)
	}
}

func TestCapSettings(t *testing.T) {
	t.Parallel()
	for text, want := range map[string][]int32{
		`{}`:                           {86400, 3},
		`{"max_per_number_24h": null}`: {86400, 3},
		`{"max_per_number_24h": 0}`:    {86400, 0},
		`{"max_per_number_24h": -2}`:   {86400, 0},
		`{"max_per_number_24h": 5, "max_per_number_30d": 10}`: {86400, 5, 2592000, 10},
		`{"max_per_number_30d": -1}`:                          {86400, 3, 2592000, 0},
		`{"max_per_number_24h": 99999999}`:                    {86400, 1_000_000},
	} {
		c := &Campaign{}
		c.Calling = []byte(text)
		c.read()
		require.Empty(t, c.problem, text)
		require.Equal(t, want, packed(c.limits(nil, time.Now())), text)
		// Where nobody planned an attempt, the database reads the same settings.
		var inSQL []int32
		db := storetest.New(t)
		require.NoError(t, db.QueryRow(t.Context(), "select henk.number_caps($1::jsonb)", text).Scan(&inSQL))
		require.Equal(t, want, inSQL, text)
	}
	exempt := &Campaign{}
	exempt.Calling = []byte(`{"max_per_number_24h": 9, "state_pack_exempt": ["Florida"]}`)
	exempt.read()
	require.Equal(t, []int32{86400, 9}, packed(exempt.limits([]string{"FL"}, time.Now())))
	require.Equal(t, []int32{28800, 1, 86400, 3}, packed(exempt.limits([]string{"FL", "MD", "ME"}, time.Now())))
}

// The caps are computed in Go (explanation, candidates) and in SQL (tick, fence): they must agree.
func TestFreeAtIsTheSameInSQL(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	rng := rand.New(rand.NewPCG(1, 2))
	for i := range 60 {
		w := storetest.NewWorld(t, db, nil)
		number := storetest.Number()
		var rings []ring
		for n := range rng.IntN(8) {
			at := now.Add(-time.Duration(rng.IntN(35*24)) * time.Hour)
			state := []string{"placed", "placed", "unknown", "reserved", "released"}[rng.IntN(5)]
			lead := storetest.NewLead(t, db, w, storetest.Fields{"phone": number})
			storetest.Insert(t, db, "call_attempts", storetest.Fields{"campaign_id": w.Campaign, "lead_id": lead, "attempt_number": n + 1,
				"scheduled_at": at, "phone_number": number, "state": state})
			if state != "released" {
				rings = append(rings, ring{at: at, pending: state != "placed"})
			}
		}
		limits := []limit{{rng.IntN(4), 8 * time.Hour, ""}, {1 + rng.IntN(4), 24 * time.Hour, ""}, {1 + rng.IntN(6), 720 * time.Hour, ""}}
		ahead := rng.IntN(3)
		want := freeAt(rings, limits, now, ahead)
		var free bool
		var at *time.Time
		require.NoError(t, db.QueryRow(t.Context(), `select x <= $5, nullif(nullif(x, 'infinity'), '-infinity')
			from henk.number_free_at($1, $2, $3, $5, $4) x`, w.Business, phone.Tail(number), packed(limits), ahead, now).Scan(&free, &at))
		require.Equal(t, !want.After(now), free, "%d: %v %v", i, rings, limits)
		if at != nil {
			require.True(t, want.Equal(*at), "%d: %v, %v", i, want, at)
		}
	}
}

// The number's tail is computed in SQL (triggers, indexes, fence) and in Go (judging): they must agree.
func TestPhoneTailIsTheSameInSQL(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	for _, raw := range []string{"+13125550142", "(312) 555-0142", "1-312-555-0142 ext 4", "3125550142x12", "312.555.0142 #9", "+44 20 7946 0018",
		"020 7946 0018", "12", "", "ask at the office", "+290 12345", "EXT", "５５５01423125", "312555;0142", "tel:+1-312-555-0142;ext=7"} {
		var tail string
		require.NoError(t, db.QueryRow(t.Context(), "select henk.phone_tail($1)", raw).Scan(&tail))
		require.Equal(t, phone.Tail(raw), tail, "%q", raw)
	}
}
