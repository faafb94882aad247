package outcome

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestCallbackTime(t *testing.T) {
	t.Parallel()
	chicago, err := time.LoadLocation("America/Chicago")
	require.NoError(t, err)
	ended := time.Date(2026, 11, 23, 20, 30, 0, 0, time.UTC) // a Monday, 14:30 in Chicago
	for said, want := range map[string]string{
		"call me tomorrow at five":                           "2026-11-24 17:00",
		"tomorrow at five thirty":                            "2026-11-24 17:30",
		"call back at 5":                                     "2026-11-23 17:00",
		"call me at one":                                     "2026-11-24 13:00", // past today
		"next tuesday morning":                               "2026-11-24 10:00",
		"try me thursday afternoon":                          "2026-11-26 14:00",
		"call in two hours":                                  "2026-11-23 16:30",
		"call me back in half an hour":                       "2026-11-23 15:00",
		"give me a ring this evening":                        "2026-11-23 18:00",
		"call after six":                                     "2026-11-23 18:00",
		"call me after the holidays":                         "2027-01-04 10:00",
		"after Christmas would be better":                    "2026-12-28 10:00",
		"after thanksgiving":                                 "2026-11-30 10:00",
		"call back next week":                                "2026-11-30 10:00",
		"next month please":                                  "2026-12-01 10:00",
		"call me in a couple of weeks":                       "2026-12-07 10:00",
		"in three weeks":                                     "2026-12-14 10:00",
		"in a month":                                         "2026-12-23 10:00",
		"the day after tomorrow at 10 am":                    "2026-11-25 10:00",
		"call me december 3rd at 2 pm":                       "2026-12-03 14:00",
		"january 5th":                                        "2027-01-05 10:00",
		"call me in January":                                 "2027-01-04 10:00",
		"tomorrow at noon":                                   "2026-11-24 12:00",
		"in the morning":                                     "2026-11-24 10:00",
		"call me at half past six":                           "2026-11-23 18:30",
		"quarter to four":                                    "2026-11-23 15:45",
		"call me friday at 7:30 in the evening":              "2026-11-27 19:30",
		"tomorrow at 8 in the morning":                       "2026-11-24 09:00", // before calling hours
		"call me tonight at nine":                            "2026-11-23 20:00", // after them
		"on the 28th":                                        "2026-11-28 10:00",
		"llámeme mañana a las cinco":                         "2026-11-24 17:00",
		"llame el viernes por la tarde":                      "2026-11-27 14:00",
		"Don't call me tomorrow, call Friday":                "2026-11-27 10:00",
		"don't call before ten. Call me Wednesday at eleven": "2026-11-25 11:00",
		"call me monday":                                     "2026-11-30 10:00",
	} {
		got := callbackTime(said, ended, "America/Chicago")
		if assert.NotNil(t, got, said) {
			assert.Equal(t, want, got.In(chicago).Format("2006-01-02 15:04"), said)
			assert.Equal(t, chicago.String(), got.Location().String())
		}
	}
	for _, said := range []string{"", "call me back", "call me later", "some other time", "when I get home", "one of these days", "call me at 3 am"} {
		require.Nil(t, callbackTime(said, ended, "America/Chicago"), said)
	}
	require.Nil(t, callbackTime("tomorrow at five", ended, ""), "no zone")
	require.Nil(t, callbackTime("tomorrow at five", ended, "Mars/Base"))
	require.Nil(t, callbackTime("tomorrow at five", time.Time{}, "America/Chicago"))
}

// A wall clock that does not exist in the night of the change must still give a
// time inside calling hours, and the zone decides the instant.
func TestCallbackZones(t *testing.T) {
	t.Parallel()
	ended := time.Date(2026, 3, 7, 22, 0, 0, 0, time.UTC) // the day before US clocks change
	ny := callbackTime("call tomorrow at five", ended, "America/New_York")
	la := callbackTime("call tomorrow at five", ended, "America/Los_Angeles")
	require.NotNil(t, ny)
	require.NotNil(t, la)
	require.Equal(t, "2026-03-08T21:00:00Z", ny.UTC().Format(time.RFC3339))
	require.Equal(t, 3*time.Hour, la.Sub(*ny))
}
