package dashboard

import (
	"encoding/base64"
	"fmt"
	"html"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/campaign"
	"github.com/callhenk/henk-worker/internal/clock"
	"github.com/callhenk/henk-worker/internal/storetest"
)

var (
	nextLink = regexp.MustCompile(`href="([^"]*)" rel="next"`)
	rowLink  = regexp.MustCompile(`scope="row"><a href="/[a-z]+/([0-9a-f-]{36})">`)
)

// walkPages follows "Next page" to the end and returns each row's id, in order.
func (b *bundle) walkPages(target string) []string {
	b.t.Helper()
	var ids []string
	for range 100 {
		page := b.get(target)
		for _, m := range rowLink.FindAllStringSubmatch(page, -1) {
			ids = append(ids, m[1])
		}
		m := nextLink.FindStringSubmatch(page)
		if m == nil {
			return ids
		}
		require.LessOrEqual(b.t, len(rowLink.FindAllString(page, -1)), pageRows)
		target = html.UnescapeString(m[1])
	}
	b.t.Fatal("the list does not end")
	return nil
}

func (b *bundle) once(target string, want int64) {
	b.t.Helper()
	ids := b.walkPages(target)
	seen := map[string]bool{}
	for _, id := range ids {
		require.False(b.t, seen[id], "%s shows %s twice", target, id)
		seen[id] = true
	}
	require.Len(b.t, ids, int(want), target)
}

func TestListsOfLeadsShowEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.exec(`insert into leads (business_id, first_name, last_name, phone, mobile_phone, email, do_not_call, dnc, timezone)
		select $1, case when n % 3 = 0 then 'Ada' when n % 3 = 1 then 'smith' end, case when n % 4 = 0 then 'Smith' when n % 4 = 1 then 'Smythe' when n % 4 = 2 then 'Åberg' end,
			case when n % 2 = 0 then '+1312555' || 2000 + n end, '(617) 555-' || 2000 + n, case when n % 5 > 0 then 'User' || n % 7 || '@Example.org' end, n % 10 = 0, n % 15 = 0, 'America/Chicago'
		from generate_series(1, 240) n`, w.Business)
	b.exec("insert into campaign_leads (campaign_id, lead_id) select $1, id from leads where not (do_not_call or dnc)", w.Campaign)
	c, err := campaign.Load(t.Context(), b.db, w.Campaign)
	require.NoError(t, err)
	_, err = campaign.NewRefresher(b.db, b.Clock).Refresh(t.Context(), c)
	require.NoError(t, err)
	n := func(where string) int64 { return value[int64](b, "select count(*) from leads where "+where) }
	for target, where := range map[string]string{
		"/leads":                                 "true",
		"/leads?q=smi":                           "last_name ilike 'smi%' or first_name ilike 'smi%'",
		"/leads?q=SMITH":                         "last_name ilike 'smith%' or first_name ilike 'smith%'",
		"/leads?q=ada+smi":                       "first_name = 'Ada' and last_name ilike 'smi%'",
		"/leads?q=smi+ada":                       "first_name = 'Ada' and last_name ilike 'smi%'",
		"/leads?q=%C3%85b":                       "last_name = 'Åberg'",
		"/leads?q=user3%40example":               "lower(email) like 'user3@example%'",
		"/leads?q=312+555":                       "phone like '+1312555%'",
		"/leads?q=%2B1312555":                    "phone like '+1312555%'",
		"/leads?q=%28617%29+555-20":              "mobile_phone like '(617) 555-20%' and phone is null and not (do_not_call or dnc)",
		"/leads?q=1+617+555+2017":                "mobile_phone = '(617) 555-2017' and phone is null",
		"/leads?q=%25%25":                        "false",
		"/leads?q=__":                            "false",
		"/leads?q=%27+or+1%3D1+--":               "false",
		"/leads?flagged=1":                       "do_not_call or dnc",
		"/leads?campaign=" + w.Campaign.String(): "not (do_not_call or dnc)",
	} {
		b.once(target, n(where))
	}
	require.Contains(t, b.get("/leads?q=a"), "at least two characters")
}

// The leads behind each reason are as many as the reason counts.
func TestLeadsBehindEveryReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.Clock = clock.At(time.Date(2031, 5, 14, 17, 0, 0, 0, time.UTC)) // noon in Chicago, night in Guam
	w := storetest.NewWorld(t, b.db, storetest.Fields{"retry_logic": "Wait 24 hours"})
	b.exec(`update businesses set settings = '{"calling": {}}'`)
	now := b.Clock.Local()
	add := func(n int, fields func(i int) storetest.Fields) {
		for i := range n {
			storetest.NewLead(t, b.db, w, fields(i))
		}
	}
	add(60, func(i int) storetest.Fields { return storetest.Fields{"lead_score": i / 7} })
	add(55, func(i int) storetest.Fields {
		return storetest.Fields{"cl.last_attempt_at": now.Add(-time.Duration(i/5) * time.Hour), "cl.attempts": 1}
	})
	add(52, func(i int) storetest.Fields {
		return storetest.Fields{"phone": fmt.Sprintf("+1671300%04d", i), "timezone": nil}
	})
	add(51, func(int) storetest.Fields { return storetest.Fields{"do_not_call": true} })
	add(3, func(int) storetest.Fields { return storetest.Fields{"cl.status": "pledged"} })
	c, err := campaign.Load(t.Context(), b.db, w.Campaign)
	require.NoError(t, err)
	done, err := campaign.NewRefresher(b.db, b.Clock).Refresh(t.Context(), c)
	require.NoError(t, err)
	require.True(t, done)
	storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, storetest.Fields{"cl.status": "interested"}), nil)
	_, err = campaign.NewRefresher(b.db, b.Clock).Refresh(t.Context(), c)
	require.NoError(t, err)

	held, err := campaign.HeldBack(t.Context(), b.db, w.Campaign, b.Clock.Local())
	require.NoError(t, err)
	require.Equal(t, map[string]int64{"concurrency": 60, "retry_interval": 55, "call_window": 52, "do_not_call": 51, "lead_status": 4}, held)
	page := b.get("/campaigns/" + w.Campaign.String())
	for rule, n := range held {
		target := "/leads?campaign=" + w.Campaign.String() + "&hold=" + rule
		require.Contains(t, page, strings.ReplaceAll(target, "&", "&amp;"))
		b.once(target, n)
	}
	b.once("/leads?hold=suppressed&campaign="+w.Campaign.String(), 0)

	require.NotContains(t, text(b.get("/leads?hold=suppressed")), "Choose a campaign")
}

// The live page adds several campaigns up: a reason leads to the leads of the one that has them, or to the choice.
func TestReasonsOfTheLivePageLeadToTheLeads(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	other := w
	other.Campaign = storetest.NewCampaign(t, b.db, w, storetest.Fields{"name": "Winter_<appeal>"})
	for range 3 {
		storetest.NewLead(t, b.db, w, storetest.Fields{"do_not_call": true})
	}
	storetest.NewLead(t, b.db, other, storetest.Fields{"do_not_call": true})
	storetest.NewLead(t, b.db, other, storetest.Fields{"cl.status": "pledged"})
	for _, id := range []uuid.UUID{w.Campaign, other.Campaign} {
		c, err := campaign.Load(t.Context(), b.db, id)
		require.NoError(t, err)
		_, err = campaign.NewRefresher(b.db, b.Clock).Refresh(t.Context(), c)
		require.NoError(t, err)
	}
	list := func(id uuid.UUID, rule string) string { return "/leads?campaign=" + id.String() + "&hold=" + rule }
	link := func(target string) string { return `href="` + strings.ReplaceAll(target, "&", "&amp;") + `"` }

	now := b.get("/")
	require.Contains(t, now, link(list(other.Campaign, "lead_status")), "on one campaign only")
	require.Contains(t, now, link("/leads?hold=do_not_call"), "on both")
	b.once(list(other.Campaign, "lead_status"), 1)

	choice := b.get("/leads?hold=do_not_call")
	require.Contains(t, choice, link(list(w.Campaign, "do_not_call")))
	require.Contains(t, choice, link(list(other.Campaign, "do_not_call")))
	require.Contains(t, text(choice), "Winter_&lt;appeal&gt; 1")
	require.NotContains(t, choice, `href="/leads/`, "nobody is listed before a campaign is chosen")
	b.once(list(w.Campaign, "do_not_call"), 3)
	b.once(list(other.Campaign, "do_not_call"), 1)
	require.Contains(t, text(b.get("/leads?hold=suppressed")), "On no active campaign does this hold anybody back now.")

	// Leads that are being judged have no list.
	require.Empty(t, heldCount{Rule: "unjudged", Leads: 2, In: []heldIn{{ID: w.Campaign}, {ID: other.Campaign}}}.link())
	require.Empty(t, heldCount{Rule: "unjudged", Leads: 2, In: []heldIn{{ID: w.Campaign}}}.link())
}

func TestListsOfConversationsShowEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	other := storetest.NewCampaign(t, b.db, w, storetest.Fields{"name": "Other"})
	lead := storetest.NewLead(t, b.db, w, nil)
	// Many share an instant, as calls of one second do.
	b.exec(`insert into conversations (campaign_id, agent_id, lead_id, status, outcome, started_at)
		select case when n % 3 = 0 then $1::uuid else $2::uuid end, $3, $4, 'completed', case when n % 4 = 0 then 'pledged' when n % 4 = 1 then 'unknown' end,
			timestamptz '2031-05-01 12:00Z' + n / 60 * interval '1 day' from generate_series(0, 299) n`, other, w.Campaign, w.Agent, lead)
	b.exec(`insert into henk.conversation_outcomes (conversation_id, outcome, needs_review, read_at, corrected_outcome)
		select id, 'unknown', true, started_at, case when campaign_id = $1 then 'pledged' end from conversations where outcome = 'unknown'`, other)
	n := func(where string) int64 { return value[int64](b, "select count(*) from conversations where "+where) }
	id := "&campaign=" + other.String()
	for query, where := range map[string]string{
		"": "true", "?outcome=pledged": "outcome = 'pledged'", "?outcome=donated": "false", "?x=1" + id: "campaign_id = '" + other.String() + "'",
		"?outcome=pledged" + id: "outcome = 'pledged' and campaign_id = '" + other.String() + "'", "?from=2031-05-02&to=2031-05-03": "started_at::date between '2031-05-02' and '2031-05-03'",
		"?outcome=review": "outcome = 'unknown' and campaign_id <> '" + other.String() + "'", "?to=2031-05-01": "started_at < '2031-05-02'",
	} {
		b.once("/conversations"+query, n(where))
	}
	for _, bad := range []string{"?outcome=x", "?campaign=1", "?from=yesterday", "?to=2031-02-30", "?from=0000-01-01", "?from=9999-01-01"} {
		require.Equal(t, http.StatusBadRequest, b.do("GET", "/conversations"+bad, nil).Code, bad)
	}
}

func TestListOfCampaignsShowsEachOnce(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.exec(`insert into campaigns (name, status, script, business_id, created_at) select 'N' || n, (array['draft', 'active', 'paused', 'completed'])[1 + n % 4]::campaign_status, 's', $1,
		case when n % 9 > 0 then now() - n / 10 * interval '1 hour' end from generate_series(1, 90) n`, w.Business)
	b.once("/campaigns", 91)
}

func TestHostileCursorsAndFilters(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, talk := b.world()
	org := b.org(w, lead, talk)
	raw := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	for _, list := range []string{"/leads?", "/leads?q=sm&", "/leads?flagged=1&", "/leads?campaign=" + w.Campaign.String() + "&", "/leads?campaign=" + w.Campaign.String() + "&hold=concurrency&",
		"/leads?campaign=" + w.Campaign.String() + "&hold=retry_interval&", "/conversations?", "/conversations?outcome=review&", "/campaigns?", "/salesforce?", "/salesforce/" + org.String() + "?"} {
		for _, after := range []string{"x", "-1", "0", "99999999999999999999", strings.Repeat("A", 5000), "%00", "'", raw("null"), raw("[]"), raw("{}"), raw(`{"p":-1}`), raw(`{"p":2147483648}`), raw(`{"p":999}`),
			raw(`{"t":-9223372036854775808}`), raw(`{"t":9223372036854775807}`), raw(`{"t":1e400}`), raw(`{"t":62000000000000}`), raw(`{"a":"\u0000"}`), raw(`{"a":"x","b":"y","i":"x"}`),
			raw(`{"a":"9|9|9","b":"x"}`), raw(`{"a":"99999999999999999999|1|1","b":"00000000-0000-0000-0000-000000000001"}`), raw(`{"a":"1|infinity|now","b":"00000000-0000-0000-0000-000000000001"}`),
			raw(`{"a":"1|-9223372036854775808|9223372036854775807","b":"00000000-0000-0000-0000-000000000001"}`), raw(`{"a":"` + strings.Repeat("z", 900) + `"}`), raw(`{"i":"ffffffff-ffff-ffff-ffff-ffffffffffff"}`)} {
			rec := b.do("GET", list+"after="+url.QueryEscape(after), nil)
			require.Contains(t, []int{http.StatusOK, http.StatusBadRequest}, rec.Code, "%s after %q: %s", list, after, text(rec.Body.String()))
		}
	}
	for _, query := range []string{"q=" + strings.Repeat("x", 200), "q=%00", "q=%ff%fe", "campaign=1", "hold=x", "campaign=" + w.Campaign.String() + "&hold=%27--"} {
		require.Equal(t, http.StatusBadRequest, b.do("GET", "/leads?"+query, nil).Code, query)
	}
}

func FuzzCursor(f *testing.F) {
	for _, seed := range []string{"", "x", cursor{Phase: 1, Key1: "a", Key2: "b", At: 5}.encode(), "bnVsbA", "e30"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, after string) {
		r := httptest.NewRequest("GET", "/leads?"+url.Values{"after": {after}}.Encode(), nil)
		c, ok, err := cursorOf(r)
		if err != nil || !ok {
			return
		}
		require.True(t, storable(c.Key1) && storable(c.Key2))
		require.GreaterOrEqual(t, c.Phase, 0)
		year := c.at().Year()
		require.True(t, year > 0 && year < 10000, year)
		again, _, err := cursorOf(httptest.NewRequest("GET", "/leads?after="+c.encode(), nil))
		if len(c.encode()) <= maxCursor {
			require.NoError(t, err)
			require.Equal(t, c, again)
		}
	})
}
