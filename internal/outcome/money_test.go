package outcome

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestAmounts(t *testing.T) {
	t.Parallel()
	for said, want := range map[string]int64{
		"I'll give fifty":                              5000,
		"I'll give $25.50":                             2550,
		"I'll give 25 dollars":                         2500,
		"I'll give a hundred and twenty":               12000,
		"I'll give one hundred twenty five dollars":    12500,
		"I'll give twenty-five bucks":                  2500,
		"I'll give one fifty":                          15000,
		"I'll give twenty five fifty":                  2550,
		"I'll give a dollar":                           100,
		"I'll give a couple of bucks":                  200,
		"I'll give 20 cents":                           20,
		"I'll give .50":                                50,
		"I'll give $.50":                               50,
		"I'll give 0.30 cents":                         30,
		"I'll give fifty cents":                        50,
		"I'll give half a dollar":                      50,
		"I'll give a dollar fifty":                     150,
		"I'll give two and a half dollars":             250,
		"I'll give a hundred and a half":               15000,
		"I'll give a fiver":                            500,
		"I'll give all two dollars":                    200,
		"I'll give twenty, no, make it 30":             3000,
		"I'll give you twenty five":                    2500,
		"I'll give five dollars and fifty cents":       550,
		"I'll give $1,250":                             125000,
		"I'll give two thousand five hundred dollars":  250000,
		"I'll give a grand":                            100000,
		"I'll give 5k":                                 500000,
		"I'll give 30$":                                3000,
		"I'll give twenty five a month":                2500,
		"I'll give ten, my rent is 900 dollars though": 1000,
		"Le doy treinta y cinco dólares":               3500,
		"puedo dar veinte dólares":                     2000,
	} {
		res := reply(askForGift, said)
		assert.Equal(t, Pledged, res.Outcome, said)
		if assert.NotNil(t, res.AmountCents, said) {
			assert.Equal(t, want, *res.AmountCents, said)
		}
	}
	for _, said := range []string{"I'll give half of it", "I'll give something", "I'll give a few dollars", "I'll donate at five o'clock", "I'll donate in two weeks", "I'll give ten percent"} {
		assert.Nil(t, reply(askForGift, said).AmountCents, said)
	}
}

func TestAmountDetails(t *testing.T) {
	t.Parallel()
	monthly := reply(askForGift, "I can do fifteen dollars a month")
	require.True(t, monthly.Monthly)
	for _, said := range []string{"I'll give 20 to 30 dollars", "I'll give between twenty and thirty dollars", "I'll give 20-30 dollars"} {
		ranged := reply(askForGift, said)
		require.True(t, ranged.AmountRange, said)
		require.Equal(t, int64(2000), *ranged.AmountCents, said)
	}
	// A bare yes agrees to the one amount that was asked for, and to none of several.
	require.Equal(t, int64(5000), *reply("Could you give fifty dollars?", "Sure.").AmountCents)
	require.Nil(t, reply("Could you give 25, 50 or 100 dollars?", "Sure.").AmountCents)
	last := reply(askForGift, "I'll give fifty dollars", "No wait, make it thirty dollars")
	require.Equal(t, int64(3000), *last.AmountCents)
	require.Equal(t, NotInterested, reply("How much would you like to give?", "zero dollars").Outcome)
}
