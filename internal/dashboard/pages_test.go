package dashboard

import (
	"bytes"
	"compress/gzip"
	"context"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
	"github.com/callhenk/henk-worker/web"
)

const evil = `"><script>alert('x')</script>&`

// world is one of everything, with HTML in every text.
func (b *bundle) world() (w storetest.World, lead, talk uuid.UUID) {
	w = storetest.NewWorld(b.t, b.db, storetest.Fields{"name": "C" + evil, "description": evil, "retry_logic": "Wait 1 hour" + evil, "budget": 100})
	b.exec("update businesses set name = $1", "B"+evil)
	b.exec("update agents set name = $1", "A"+evil)
	lead = storetest.NewLead(b.t, b.db, w, storetest.Fields{"first_name": "F" + evil, "last_name": "L" + evil, "email": "e" + evil, "city": evil, "state": evil, "company": evil,
		"mobile_phone": "+1312555" + evil, "source": "s" + evil, "source_id": evil, "quality_rating": "hot<b>", "cl.outcome": "o" + evil})
	attempt := storetest.NewAttempt(b.t, b.db, w, lead, storetest.Fields{"state": "refused", "ended_at": time.Now(), "reason": evil, "error_message": evil})
	talk = b.talk(w, lead, storetest.Fields{"attempt_id": attempt, "notes": evil, "key_points": `["k` + strings.ReplaceAll(evil, `"`, `\"`) + `"]`}, "Hello"+evil, "Yes, fifty"+evil)
	b.read(talk, "pledged", `[{"message": 1, "quote": "Yes, fifty", "cue": "c<script>"}, {"message": -1, "quote": "q<script>", "cue": "x"}]`)
	b.talk(w, lead, storetest.Fields{"status": "in_progress", "outcome": nil, "started_at": time.Now()}, evil)
	b.exec("insert into henk.suppressions (business_id, phone, source, reason) select $1, phone, $2, $2 from leads where id = $3", w.Business, evil, lead)
	b.exec("insert into henk.campaign_state (campaign_id, blocked_at, blocked_until, blocked_by, blocked_reason) values ($1, now(), 'infinity', 'account', $2)", w.Campaign, evil)
	b.exec("update henk.provider_state set breaker = 'open', reason = $1", evil)
	b.exec("insert into henk.workers (client_id, queues, version) values ($1, array[$1], $1)", evil)
	b.exec("insert into henk.audit (actor, action, campaign_id, lead_id, conversation_id, detail) values ($1, $1, $2, $3, $4, jsonb_build_object($1::text, $1::text, 'n', jsonb_build_array($1::text, 1)))",
		evil, w.Campaign, lead, talk)
	return w, lead, talk
}

func TestHTMLInEveryFieldIsText(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, talk := b.world()
	org, file := b.org(w, lead, talk), b.upload(w, evil+".csv", "F"+evil+",phone\n"+evil+",x\n"+strings.Repeat("b<b>,3125550100\n", 3), "list", "L"+evil, "source", "s"+evil)
	b.Doctor = func(context.Context) []Check { return []Check{{evil, evil, evil, evil}} }
	own := regexp.MustCompile(`<script src="/static/[a-z0-9/.-]+" defer></script>`)
	for target, times := range map[string]int{"/": 5, "/campaigns": 2, "/campaigns/" + w.Campaign.String(): 6, "/leads": 2, "/leads?q=" + "F%22": 2,
		"/leads/" + lead.String(): 12, "/conversations": 3, "/conversations/" + talk.String(): 9, "/conversations?outcome=pledged": 2,
		"/salesforce": 2, "/salesforce/" + org.String(): 12, "/import": 4, "/import/" + file.String(): 3, "/doctor": 4, "/campaigns/" + w.Campaign.String() + "/tomorrow": 1} {
		page := own.ReplaceAllString(b.get(target), "")
		require.NotContains(t, strings.ToLower(page), "<script", target)
		require.NotContains(t, page, `"><`+"script", target)
		require.GreaterOrEqual(t, strings.Count(page, "&lt;script&gt;"), times, "%s shows the fields", target)
	}
	for at, parts := range map[topic]int{topicNow: 2, {kindSalesforce, org}: 2, {kindImport, file}: 1, {kindCampaign, w.Campaign}: 3} {
		r, leave := b.hub.subscribe(at)
		for range parts {
			e := <-r.events
			require.NotContains(t, strings.ToLower(string(e.data)), "<script", e.name)
		}
		leave()
	}
}

func TestPagesOnAnEmptyDatabase(t *testing.T) {
	t.Parallel()
	b := setup(t)
	now := text(b.get("/"))
	require.Contains(t, now, "No worker is running")
	require.Contains(t, now, "There are no campaigns yet.")
	require.Contains(t, now, "v1.2.3")
	for _, target := range []string{"/campaigns", "/leads", "/leads?q=nobody", "/leads?flagged=1", "/conversations", "/conversations?outcome=review", "/conversations?from=2026-01-01&to=2026-02-01",
		"/salesforce", "/import", "/doctor"} {
		b.get(target)
	}
	require.Empty(t, b.get("/conversations/corrections.jsonl"))
}

// The first visit to a page with all its files, compressed.
func TestPageWeight(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, talk := b.world()
	b.exec(`insert into leads (business_id, first_name, last_name, phone, email) select $1, md5(n::text), md5((n * 7)::text), '+1312555' || 1000 + n, md5(n::text) || '@example.org'
		from generate_series(1, 300) n`, w.Business)
	assets := regexp.MustCompile(`(?:src|href)="(/static/[^"]+)"`)
	weigh := func(data []byte) int {
		var buf bytes.Buffer
		zw := gzip.NewWriter(&buf)
		_, err := zw.Write(data)
		require.NoError(t, err)
		require.NoError(t, zw.Close())
		return buf.Len()
	}
	mux := http.NewServeMux()
	mux.Handle(web.StaticPrefix, web.Static())
	org := b.org(w, lead, talk)
	b.exec("insert into henk.crm_rejects (integration_id, object, source_id, reason) select $1, 'Lead', md5(n::text), md5(n::text) || repeat(md5(n::text), 3) from generate_series(1, 300) n", org)
	header := make([]string, mapColumnsMost)
	for i := range header {
		header[i] = fmt.Sprintf("Column %d", i)
	}
	file := b.upload(w, "wide.csv", strings.Join(header, ",")+",\n"+strings.Repeat(strings.Repeat("3125550100,", mapColumnsMost)+"\n", 20), "list", "L")
	for _, target := range []string{"/salesforce", "/salesforce/" + org.String(), "/import", "/import/" + file.String(), "/doctor", "/campaigns/" + w.Campaign.String() + "/tomorrow",
		"/", "/campaigns/" + w.Campaign.String(), "/leads", "/leads/" + lead.String(), "/conversations", "/conversations/" + talk.String()} {
		page := b.get(target)
		total := weigh([]byte(page))
		found := assets.FindAllStringSubmatch(page, -1)
		require.NotEmpty(t, found)
		for _, m := range found {
			rec := (&bundle{t: t, mux: mux}).do("GET", m[1], nil)
			require.Equal(t, http.StatusOK, rec.Code, m[1])
			total += weigh(rec.Body.Bytes())
		}
		require.Less(t, total, 150_000, target)
	}
}

// ids of nothing, of another table and of no form at all, in every route that takes one.
func TestForeignIDsAreNotFoundAndChangeNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, talk := b.world()
	kinds := map[string]uuid.UUID{"campaigns": w.Campaign, "leads": lead, "conversations": talk, "business": w.Business, "nobody": uuid.New(), "nil": uuid.Nil,
		"salesforce": b.org(w, lead, talk), "import": b.upload(w, "f.csv", "phone\n3125550100\n", "list", "L"),
		"other integration": storetest.Insert(t, b.db, "integrations", storetest.Fields{"name": "HubSpot", "type": "crm", "status": "active", "business_id": w.Business})}
	before := b.digest()
	checked := 0
	for _, route := range b.Routes() {
		method, path, _ := strings.Cut(route.Pattern, " ")
		if !strings.Contains(path, "{id}") {
			continue
		}
		table := strings.Split(path, "/")[1]
		bad := []string{"x", "1", "%00", "..%2f..", strings.Repeat("9", 5000), talk.String() + "x", "{" + talk.String() + "}", strings.ReplaceAll(talk.String(), "-", "")}
		for kind, id := range kinds {
			if kind != table {
				bad = append(bad, id.String())
			}
		}
		for _, id := range bad {
			target := strings.Replace(path, "{id}", id, 1)
			rec := b.do(method, target, nil)
			if method == "POST" {
				rec = b.post(target, "action", "stop", "reason", "for a good reason", "cap", "7", "version", "x", "outcome", "do_not_call")
				for _, action := range []string{"set", "sync", "import"} {
					if rec.Code == http.StatusNotFound {
						rec = b.post(target, "action", action, "reason", "for a good reason", "cap", "7", "outcome", "pledged")
					}
				}
			} else if strings.HasSuffix(path, "/export") {
				rec = b.do(method, target+"?what=leads", nil)
			}
			require.Contains(t, []int{http.StatusNotFound, http.StatusBadRequest}, rec.Code, "%s %s: %s", method, target, rec.Header().Get("Location"))
			checked++
		}
	}
	require.Greater(t, checked, 50)
	require.Equal(t, before, b.digest())
	require.Zero(t, value[int64](b, "select count(*) from river.river_job"))
	for _, bad := range []string{"campaign=x", "salesforce=1", "import=" + uuid.Nil.String()} {
		require.Equal(t, http.StatusBadRequest, b.do("GET", "/events?"+bad, nil).Code, bad)
	}
}

// digest is of everything that a page could change.
func (b *bundle) digest() string {
	return value[string](b, `select md5(concat((select jsonb_agg(c order by id) from campaigns c), (select jsonb_agg(l order by id) from leads l),
		(select jsonb_agg(v order by id) from conversations v), (select jsonb_agg(o order by conversation_id) from henk.conversation_outcomes o),
		(select jsonb_agg(a order by id) from call_attempts a), (select jsonb_agg(x order by id) from henk.audit x), (select jsonb_agg(s order by id) from henk.suppressed_numbers s),
		(select jsonb_agg(i order by id) from integrations i), (select jsonb_agg(l order by id) from lead_lists l)))`)
}

func TestDeletedRowsBehindLinks(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w, lead, talk := b.world()
	b.exec("delete from leads where id = $1", lead)
	require.Equal(t, http.StatusNotFound, b.do("GET", "/leads/"+lead.String(), nil).Code)
	require.Contains(t, b.get("/conversations/"+talk.String()), "(no name)", "what was said stays")
	b.get("/conversations")
	b.get("/")
	b.exec("delete from campaigns where id = $1", w.Campaign)
	for _, target := range []string{"/campaigns/" + w.Campaign.String(), "/conversations/" + talk.String(), "/conversations/" + talk.String() + "/recording"} {
		rec := b.do("GET", target, nil)
		require.Equal(t, http.StatusNotFound, rec.Code, target)
		require.Contains(t, rec.Body.String(), "It may have been deleted")
	}
	require.Equal(t, http.StatusNotFound, b.post("/conversations/"+talk.String()+"/correct", "outcome", "pledged").Code)
	require.Equal(t, http.StatusNotFound, b.do("GET", "/leads?hold=call_window&campaign="+w.Campaign.String(), nil).Code)
}
