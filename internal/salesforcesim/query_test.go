package salesforcesim

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestSampleOrg(t *testing.T) {
	t.Parallel()
	contacts, leads := SampleOrg(320)
	b := setup(t, func(o *Options) { o.Contacts, o.Leads = contacts, leads })
	rows := b.rows("queryAll", "SELECT FIELDS(ALL), Account.Name FROM Contact LIMIT 200")
	require.Len(t, rows, 200)
	all := b.rows("queryAll", "SELECT Id, AccountId, Account.Name, Phone, MobilePhone, DoNotCall, IsDeleted, MailingState FROM Contact")
	require.Greater(t, len(all), 200)
	var lone, deleted, optedOut int
	states, phones := map[any]bool{}, map[string]int{}
	for _, r := range all {
		if r["AccountId"] == nil {
			lone++
			require.Contains(t, r, "Account")
			require.Nil(t, r["Account"])
		} else {
			require.NotEmpty(t, r["Account"].(map[string]any)["Name"])
		}
		if r["IsDeleted"] == true {
			deleted++
		}
		if r["DoNotCall"] == true {
			optedOut++
		}
		states[r["MailingState"]] = true
		for _, f := range []string{"Phone", "MobilePhone"} {
			if p, ok := r[f].(string); ok {
				digits := strings.Map(func(c rune) rune {
					if c >= '0' && c <= '9' {
						return c
					}
					return -1
				}, p)
				digits = strings.TrimPrefix(digits, "1")
				require.Equal(t, "55501", digits[3:8], p)
				phones[digits[:10]]++
			}
		}
	}
	require.Positive(t, lone)
	require.Positive(t, deleted)
	require.Positive(t, optedOut)
	require.Greater(t, len(states), 30)
	for p, n := range phones {
		require.Equal(t, 1, n, p)
	}
	require.NotEmpty(t, b.rows("query", "SELECT Id FROM Lead WHERE Rating = 'Hot'"))
	require.NotEmpty(t, b.rows("query", "SELECT Id FROM Lead WHERE IsConverted = true"))
}

func TestDeterminism(t *testing.T) {
	t.Parallel()
	one, two, other := setup(t, nil), setup(t, nil), setup(t, func(o *Options) { o.Seed = 2 })
	const soql = "SELECT " + syncColumns + " FROM Contact"
	body := func(b *bundle) string { return b.do("GET", queryURL("queryAll", soql), "").body }
	require.Equal(t, body(one), body(two))
	require.NotEqual(t, body(one), body(other))
}

// TestKeysetEqualsModel compares every kind of page with a plain model of the org, after random histories.
func TestKeysetEqualsModel(t *testing.T) {
	t.Parallel()
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			rnd := rand.New(rand.NewPCG(seed, 7))
			b := setup(t, func(o *Options) {
				o.Seed, o.Contacts, o.Ties = int64(seed), rnd.IntN(600), rnd.IntN(300)
				o.Newest = o.Clock().Add(-time.Hour)
				o.Oldest = o.Newest.Add(-time.Duration(50+rnd.IntN(2000)) * time.Second)
			})
			history(b, rnd, 150)
			var want []Record
			require.NoError(t, b.sim.Each("Contact", func(r Record) bool { want = append(want, r); return true }))
			require.True(t, slices.IsSortedFunc(want, func(x, y Record) int {
				if c := x.Stamp.Compare(y.Stamp); c != 0 {
					return c
				}
				return strings.Compare(x.ID, y.ID)
			}))
			for _, limit := range []string{"", " LIMIT 7", " LIMIT 200"} {
				require.Equal(t, idsOf(want, true), syncLike(b, "queryAll", limit))
				require.Equal(t, idsOf(want, false), syncLike(b, "query", limit))
			}
			byID := slices.Sorted(slices.Values(idsOf(want, true)))
			require.Equal(t, byID, column(b.rows("queryAll", "SELECT Id FROM Contact ORDER BY Id"), "Id"))
			if len(byID) > 10 {
				got := column(b.rows("queryAll", "SELECT Id FROM Contact WHERE Id > '"+byID[3]+"' AND Id <= '"+byID[9]+"'"), "Id")
				require.Equal(t, byID[4:10], got)
			}
		})
	}
}

func idsOf(list []Record, deleted bool) []string {
	ids := []string{}
	for _, r := range list {
		if deleted || !r.Deleted {
			ids = append(ids, r.ID)
		}
	}
	return ids
}

func column(rows []map[string]any, name string) []string {
	list := []string{}
	for _, r := range rows {
		list = append(list, r[name].(string))
	}
	return list
}

// syncLike reads Contacts as a sync does, page by page from the last row.
func syncLike(b *bundle, resource, limit string) []string {
	ids := []string{}
	stamp, id := "1999-01-01T00:00:00Z", ""
	for {
		where := "SystemModstamp > " + stamp
		if id != "" {
			where = "(SystemModstamp > " + stamp + " OR (SystemModstamp = " + stamp + " AND Id > '" + id + "'))"
		}
		rows := b.rows(resource, "SELECT Id, SystemModstamp FROM Contact WHERE "+where+" AND SystemModstamp <= 2030-01-01T00:00:00Z ORDER BY SystemModstamp ASC, Id ASC"+limit, "Sforce-Query-Options", "batchSize=200")
		ids = append(ids, column(rows, "Id")...)
		if len(rows) == 0 || limit == "" {
			return ids
		}
		last := rows[len(rows)-1]
		id = last["Id"].(string)
		stamp = strings.Replace(last["SystemModstamp"].(string), ".000+0000", "Z", 1)
	}
}

// history makes random edits; what the org refuses is part of it.
func history(b *bundle, rnd *rand.Rand, n int) {
	b.t.Helper()
	var ids []string
	require.NoError(b.t, b.sim.Each("Contact", func(r Record) bool { ids = append(ids, r.ID); return true }))
	var open []*Tx
	for range n {
		if rnd.IntN(3) == 0 {
			b.clock.pass(time.Duration(rnd.IntN(3)) * time.Second)
		}
		tx := b.sim.Begin()
		pick := func() string {
			if len(ids) == 0 {
				return "003Sim00000zzzz"
			}
			return ids[rnd.IntN(len(ids))]
		}
		var err error
		switch rnd.IntN(9) {
		case 0, 1:
			var id string
			id, err = tx.Create("Contact", map[string]any{"LastName": "New"})
			ids = append(ids, id)
		case 2, 3:
			err = tx.Update(pick(), map[string]any{"FirstName": "Edit", "DoNotCall": true})
		case 4:
			err = tx.Delete(pick())
		case 5:
			err = tx.Undelete(pick())
		case 6:
			if a, c := pick(), pick(); a != c && len(ids) > 1 {
				err = tx.Merge(a, nil, c)
			}
		case 7:
			_ = b.sim.HardDelete(pick()) // it may be gone already
		case 8:
			if id := pick(); b.sim.Conceal(id) == nil && rnd.IntN(2) == 0 {
				err = b.sim.Reveal(id)
			}
		}
		require.NoError(b.t, err)
		if rnd.IntN(4) == 0 {
			open = append(open, tx)
		} else {
			_ = tx.Commit() // edits of what is gone are refused
		}
	}
	for _, tx := range open {
		_ = tx.Commit() // late
	}
}

func TestCursorSeesTheOrgAsItWas(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts = 1000 })
	first := b.page(queryURL("query", "SELECT Id, LastName FROM Contact ORDER BY SystemModstamp, Id"), "Sforce-Query-Options", "batchSize=200")
	require.False(t, first.Done)
	victim := b.sim.RecordID("Contact", 500)
	require.NoError(t, b.sim.Update(victim, map[string]any{"LastName": "Edited"}))
	b.clock.pass(time.Second)
	second := b.page(first.NextRecordsURL)
	require.Equal(t, second, b.page(first.NextRecordsURL), "the same locator gives the same page")
	n := len(first.Records) + len(second.Records)
	for p := second; !p.Done; {
		p = b.page(p.NextRecordsURL)
		n += len(p.Records)
	}
	require.Equal(t, first.TotalSize, n)
	require.Equal(t, []string{victim}, column(b.rows("query", "SELECT Id FROM Contact WHERE LastName = 'edited'"), "Id"))
	b.clock.pass(49 * time.Hour)
	b.token, _ = b.refresh("rt0")["access_token"].(string)
	b.refused(b.do("GET", first.NextRecordsURL, ""), http.StatusBadRequest, "INVALID_QUERY_LOCATOR")
}

func TestLateCommit(t *testing.T) {
	t.Parallel()
	b := setup(t, nil)
	tx := b.sim.Begin()
	id, err := tx.Create("Contact", map[string]any{"LastName": "Late"})
	require.NoError(t, err)
	began := b.clock.now()
	tx.CommitAfter(5 * time.Minute)
	b.clock.pass(4 * time.Minute)
	require.Empty(t, b.rows("query", "SELECT Id FROM Contact WHERE Id = '"+id+"'"))
	b.clock.pass(time.Minute)
	rows := b.rows("query", "SELECT SystemModstamp FROM Contact WHERE Id = '"+id+"'")
	require.Len(t, rows, 1)
	require.Equal(t, began.Format("2006-01-02T15:04:05.000")+"+0000", rows[0]["SystemModstamp"])
}

// TestReadersAndWriters is for the race detector: cursors and Bulk jobs go on while the org changes.
func TestReadersAndWriters(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts = 2000 })
	alive := column(b.rows("query", "SELECT Id FROM Contact"), "Id")
	var wg sync.WaitGroup
	for w := range 3 {
		wg.Go(func() {
			for i := range 60 {
				if err := b.sim.Update(alive[(i*7+w)%len(alive)], map[string]any{"FirstName": "W"}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	for range 2 {
		wg.Go(func() {
			if n := len(b.rows("queryAll", "SELECT Id, Name, Account.Name FROM Contact ORDER BY SystemModstamp, Id", "Sforce-Query-Options", "batchSize=200")); n != 2000 {
				t.Errorf("%d rows", n)
			}
			j := b.job("queryAll", "SELECT Id, Name, Account.Name FROM Contact")
			if r := b.api("GET", "/jobs/query/"+j.ID+"/results?maxRecords=900", ""); strings.Count(r.body, "\"003") != 900 {
				t.Error(r.body[:200])
			}
			b.sim.Stats()
		})
	}
	wg.Wait()
}

func TestTiesAcrossPages(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts, o.Ties = 60_000, 50_000 })
	rows := b.rows("queryAll", "SELECT Id, SystemModstamp FROM Contact ORDER BY SystemModstamp, Id")
	stamps := map[string]int{}
	for _, r := range rows {
		stamps[r["SystemModstamp"].(string)]++
	}
	most := 0
	for _, n := range stamps {
		most = max(most, n)
	}
	require.GreaterOrEqual(t, most, 40_000)
	require.Len(t, syncLike(b, "queryAll", " LIMIT 2000"), 60_000)
}

func TestLargestOrgIsNotHeld(t *testing.T) {
	t.Parallel()
	b := setup(t, func(o *Options) { o.Contacts, o.Leads = MaxRecords, MaxRecords })
	p := b.page(queryURL("query", "SELECT COUNT() FROM Lead"))
	require.Greater(t, p.TotalSize, MaxRecords*9/10)
	id := b.sim.RecordID("Contact", MaxRecords-1)
	require.Len(t, b.rows("queryAll", "SELECT Id, Name, Account.Name FROM Contact WHERE Id = '"+id+"'"), 1)
	require.Len(t, b.rows("queryAll", "SELECT Id FROM Contact ORDER BY SystemModstamp DESC LIMIT 3"), 3)
}
