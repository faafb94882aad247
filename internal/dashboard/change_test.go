package dashboard

import (
	"bytes"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/outcome"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestStopTakesBackWhatIsReservedAndProvesIt(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	reserved := storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, nil), nil)
	dialing := storetest.NewAttempt(t, b.db, w, storetest.NewLead(t, b.db, w, nil), storetest.Fields{"state": "dialing", "dialing_at": time.Now().Add(-3 * time.Second)})
	page := "/campaigns/" + w.Campaign.String()
	require.Contains(t, b.get(page), "Stop now")

	rec := b.post(page+"/status", "action", "stop")
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, page+"?done=stopped", rec.Header().Get("Location"))
	require.Equal(t, "paused", value[string](b, "select status::text from campaigns"))
	require.Equal(t, "skipped", value[string](b, "select state from call_attempts where id = $1", reserved))
	require.Equal(t, "dialing", value[string](b, "select state from call_attempts where id = $1", dialing), "it has passed its fence")
	require.Equal(t, "olga campaign.stopped 1 request-1", value[string](b, "select concat_ws(' ', actor, action, detail ->> 'withdrawn', request_id) from henk.audit"))
	shown := text(b.get(rec.Header().Get("Location")))
	require.Contains(t, shown, "Stopped. No further call passes the fence")
	require.Regexp(t, `The last dial was \d+\.\d s before it, and none since\.`, shown)
	require.Contains(t, shown, "olga stopped the campaign")

	rec = b.post(page+"/status", "action", "pause")
	require.Equal(t, page+"?done=same", rec.Header().Get("Location"), "it is paused already")
	require.Equal(t, int64(1), value[int64](b, "select count(*) from henk.audit"))
	require.Equal(t, http.StatusBadRequest, b.post(page+"/status", "action", "delete").Code)

	require.Equal(t, page+"?done=resumed", b.post(page+"/status", "action", "resume").Header().Get("Location"))
	require.Equal(t, "active", value[string](b, "select status::text from campaigns"))
	require.Equal(t, int64(1), value[int64](b, "select count(*) from river.river_job where kind = 'plan-campaign'"), "in the same transaction")
	require.NotContains(t, text(b.get(page)), "The last dial was")
	b.exec("update campaigns set status = 'completed'")
	for _, action := range []string{"resume", "pause", "stop"} {
		require.Equal(t, page+"?done=same", b.post(page+"/status", "action", action).Header().Get("Location"))
	}
	require.Equal(t, "completed", value[string](b, "select status::text from campaigns"))
}

var versionField = regexp.MustCompile(`name="version" value="([^"]*)"`)

func (b *bundle) version(page string) string {
	m := versionField.FindStringSubmatch(b.get(page))
	require.Len(b.t, m, 2)
	return m[1]
}

func (b *bundle) limits() string {
	return value[string](b, `select concat_ws('|', c.daily_call_cap, coalesce(c.call_window_start::text, '-'), coalesce(c.call_window_end::text, '-'), coalesce(s.max_concurrent::text, '-'))
		from campaigns c left join henk.campaign_state s on s.campaign_id = c.id`)
}

func TestOfTwoEditorsTheSecondIsTold(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, storetest.Fields{"daily_call_cap": 100, "call_window_start": "09:00-05"})
	page := "/campaigns/" + w.Campaign.String()
	ada, ben := b.version(page), b.version(page)
	// A conversation touches the campaign's row; that is nobody's edit.
	b.exec("update campaigns set updated_at = now() + interval '1 minute'")

	rec := b.post(page+"/edit", "version", ada, "cap", "50", "from", "09:00", "to", "17:30", "concurrency", "4")
	require.Equal(t, page+"?done=saved", rec.Header().Get("Location"), text(rec.Body.String()))
	require.Equal(t, "50|09:00:00-05|17:30:00+00|4", b.limits(), "the side that did not change keeps its offset")

	rec = b.post(page+"/edit", "version", ben, "cap", "200", "from", "", "to", "", "concurrency", "")
	require.Equal(t, http.StatusConflict, rec.Code)
	shown := text(rec.Body.String())
	require.Contains(t, shown, "Somebody else saved these limits")
	require.Contains(t, shown, "In force: 50.")
	require.Contains(t, shown, "In force: 09:00 to 17:30.")
	require.Contains(t, rec.Body.String(), `value="200"`, "what was typed is not lost")
	require.Equal(t, "50|09:00:00-05|17:30:00+00|4", b.limits())

	again := versionField.FindStringSubmatch(rec.Body.String())[1]
	rec = b.post(page+"/edit", "version", again, "cap", "200", "from", "", "to", "", "concurrency", "")
	require.Equal(t, page+"?done=saved", rec.Header().Get("Location"))
	require.Equal(t, "200|-|-|-", b.limits())
	require.Equal(t, int64(2), value[int64](b, "select count(*) from henk.audit where action = 'campaign.edited'"))
	require.Contains(t, text(b.get(page)), "calls at once 4 → none; daily cap 50 → 200; window from 09:00 → none; window to 17:30 → none")

	require.Equal(t, page+"?done=same", b.post(page+"/edit", "version", b.version(page), "cap", "200").Header().Get("Location"))
	require.Equal(t, int64(2), value[int64](b, "select count(*) from henk.audit"))
}

func TestLimitsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, storetest.Fields{"daily_call_cap": 100})
	page := "/campaigns/" + w.Campaign.String()
	before := b.digest()
	for _, c := range [][4]string{{"", "", "", ""}, {"-1", "", "", ""}, {"1e3", "", "", ""}, {"1000001", "", "", ""}, {"99999999999999999999", "", "", ""}, {"5; drop table leads", "", "", ""},
		{"5", "25:00", "", ""}, {"5", "9", "", ""}, {"5", "", "09:00:00", ""}, {"5", "09:00", "09:00", ""}, {"5", "", "", "0"}, {"5", "", "", "-3"}, {"5", "", "", "x"}, {"5\x00", "", "", ""}} {
		rec := b.post(page+"/edit", "version", b.version(page), "cap", c[0], "from", c[1], "to", c[2], "concurrency", c[3])
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, "%q", c)
		require.Contains(t, rec.Body.String(), "Not saved")
	}
	require.Equal(t, before, b.digest())
}

func TestDoNotCallIsSetAndLiftedWithAReason(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, storetest.Fields{"phone": "(312) 555-0177", "mobile_phone": "+13125550178"})
	attempt := storetest.NewAttempt(t, b.db, w, lead, storetest.Fields{"phone_number": "+13125550177"})
	page := "/leads/" + lead.String()
	facts := func() string {
		return value[string](b, `select concat_ws(' ', l.do_not_call, l.dnc, a.state, (select count(*) from henk.suppressions where expires_at is null or expires_at > now()))
			from leads l, call_attempts a where a.id = $1`, attempt)
	}
	for _, reason := range []string{"", "  ", "no"} {
		rec := b.post(page+"/do-not-call", "action", "set", "reason", reason)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	}
	require.Equal(t, http.StatusBadRequest, b.post(page+"/do-not-call", "action", "set", "reason", strings.Repeat("x", maxText+1)).Code)
	require.Equal(t, http.StatusBadRequest, b.post(page+"/do-not-call", "action", "other", "reason", "because").Code)
	require.Equal(t, "f f reserved 0", facts())

	rec := b.post(page+"/do-not-call", "action", "set", "reason", "Wrote us a letter'); drop table leads; --")
	require.Equal(t, page+"?done=flagged", rec.Header().Get("Location"), text(rec.Body.String()))
	require.Equal(t, "t t skipped 2", facts())
	require.Equal(t, int64(1), value[int64](b, "select count(*) from river.river_job where kind = 'plan-campaign'"), "somebody else gets the line")
	shown := text(b.get(page))
	require.Contains(t, shown, "olga set do not call")
	require.Contains(t, shown, "source: manual")
	require.Contains(t, shown, "Wrote us a letter")
	require.Contains(t, shown, "held The lead is flagged")
	require.NotContains(t, value[string](b, "select detail::text from henk.audit"), "312", "no number in the audit")

	// A number that everybody must not call stays suppressed.
	b.exec("insert into henk.suppressions (business_id, phone, source) values (null, '+13125550177', 'national')")
	rec = b.post(page+"/do-not-call", "action", "lift", "reason", "Called us and asked to be called again")
	require.Equal(t, page+"?done=lifted", rec.Header().Get("Location"), text(rec.Body.String()))
	require.Equal(t, "f f skipped 1", facts())
	require.Equal(t, int64(2), value[int64](b, "select count(*) from henk.audit where lead_id = $1 and actor = 'olga'", lead))
	shown = text(b.get(page))
	require.Contains(t, shown, "source: national, for everybody")
	require.Contains(t, shown, "lifted or expired")
	require.NotContains(t, shown, "Lift do not call")
}

func TestALeadsPageExplainsEveryRule(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, storetest.Fields{"phone": "ask at the office"})
	other := storetest.NewLead(t, b.db, w, nil)
	page := text(b.get("/leads/" + lead.String()))
	for _, rule := range ruleOrder {
		require.Contains(t, page, strings.ReplaceAll(rule, "_", " "))
	}
	require.Contains(t, page, "held")
	require.Contains(t, page, "holds: phone valid")
	require.Contains(t, text(b.get("/leads/"+other.String())), "would be called No rule holds this person now.")
	require.Equal(t, int64(0), value[int64](b, "select count(*) from henk.audit"), "looking changes nothing")
}

func TestACorrectionStandsBesideTheMachinesVerdict(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, storetest.Fields{"phone": "+13125550181", "cl.status": "pledged", "cl.outcome": "pledged", "cl.pledged_amount": 50})
	talk := b.talk(w, lead, storetest.Fields{"transcript": "Agent: Could you give?\nDonor: Fifty, maybe.\nor not"}, "Could you give?", "Fifty, maybe.")
	b.read(talk, "pledged", `[{"message": 1, "quote": "Fifty", "cue": "will_give"}]`)
	page := "/conversations/" + talk.String()
	shown := b.get(page)
	require.Contains(t, shown, "<mark>Fifty</mark>, maybe.")
	require.Contains(t, text(shown), "pledged, 75% sure, $50")

	state := func() string {
		return value[string](b, `select concat_ws(' ', o.outcome, o.corrected_outcome, o.corrected_by, o.corrected_amount_cents, v.outcome, cl.status, cl.outcome, cl.pledged_amount, cl.donated_amount)
			from henk.conversation_outcomes o join conversations v on v.id = o.conversation_id join campaign_leads cl on cl.lead_id = v.lead_id`)
	}
	rec := b.post(page+"/correct", "outcome", "donated", "amount", "$1,250.50", "note", "Paid while we talked")
	require.Equal(t, page+"?done=corrected", rec.Header().Get("Location"), text(rec.Body.String()))
	require.Equal(t, "pledged donated olga 125050 donated donated donated 1250.50", state())
	require.Contains(t, text(b.get(page)), "Person donated, $1250.50 olga")
	require.Contains(t, text(b.get(page)), "outcome pledged → donated")

	rec = b.post(page+"/correct", "outcome", "not_interested", "amount", "5")
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "pledged not_interested olga not_interested not_interested not_interested", state(), "an amount goes with a gift only")
	require.False(t, value[bool](b, "select do_not_call from leads"))

	rec = b.post(page+"/correct", "outcome", "do_not_call")
	require.Equal(t, http.StatusSeeOther, rec.Code)
	require.Equal(t, "true +13125550181", value[string](b, "select l.dnc::text || ' ' || s.phone from leads l, henk.suppressions s"))
	require.Equal(t, int64(3), value[int64](b, "select count(*) from henk.audit where conversation_id = $1", talk))

	cases, err := outcome.ReadCases(strings.NewReader(b.get("/conversations/corrections.jsonl")))
	require.NoError(t, err)
	require.Len(t, cases, 1)
	require.Equal(t, talk.String(), cases[0].ID)
	require.Equal(t, "do_not_call", *cases[0].Label)
	require.Equal(t, []outcome.CaseMessage{{Role: "agent", Content: "Could you give?"}, {Role: "user", Content: "Fifty, maybe.\nor not"}}, cases[0].Messages)
}

func TestCorrectionsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	_, _, talk := b.world()
	before := b.digest()
	page := "/conversations/" + talk.String() + "/correct"
	for _, amount := range []string{"-5", "0", "abc", "1e400", "NaN", "Inf", "100000000", "5\x00"} {
		require.Equal(t, http.StatusUnprocessableEntity, b.post(page, "outcome", "pledged", "amount", amount).Code, amount)
	}
	for _, o := range []string{"", "Pledged", "commitment", "pledged' or 1=1"} {
		require.Equal(t, http.StatusBadRequest, b.post(page, "outcome", o).Code, o)
	}
	require.Equal(t, http.StatusBadRequest, b.post(page, "outcome", "pledged", "note", strings.Repeat("x", maxText+1)).Code)
	require.Equal(t, before, b.digest())
}

func TestAnAdoptedConversationCanBeCorrected(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, nil)
	talk := b.talk(w, lead, storetest.Fields{"outcome": "whatever the app wrote", "transcript": "Agent: Hi\nDonor: <b>No</b>"})
	page := "/conversations/" + talk.String()
	require.Contains(t, b.get(page), "&lt;b&gt;No&lt;/b&gt;")
	require.Equal(t, http.StatusSeeOther, b.post(page+"/correct", "outcome", "wrong_number").Code)
	require.Equal(t, "wrong_number", value[string](b, "select outcome from conversations"))
	require.Equal(t, "wrong_number", value[string](b, "select status from campaign_leads"))
	require.Equal(t, int64(1), value[int64](b, "select count(*) from henk.suppressions where source = 'wrong_number'"))
}

func TestRecordingIsServedInRanges(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	lead := storetest.NewLead(t, b.db, w, nil)
	sound := bytes.Repeat([]byte("0123456789"), 5000)
	id := uuid.New()
	object, err := b.media.Put(t.Context(), "recordings/"+id.String()+".mp3", "audio/mpeg", bytes.NewReader(sound))
	require.NoError(t, err)
	talk := b.talk(w, lead, storetest.Fields{"id": id, "recording_url": object.URL})
	target := "/conversations/" + talk.String() + "/recording"
	require.Contains(t, b.get("/conversations/"+talk.String()), `src="`+target+`"`)
	for header, want := range map[string][]byte{"": sound, "bytes=0-9": sound[:10], "bytes=49990-": sound[49990:], "bytes=-5": sound[49995:], "bytes=7-7,30003-30006": nil} {
		rec := b.do("GET", target, nil, "Range", header)
		if want == nil {
			require.Equal(t, http.StatusPartialContent, rec.Code)
			require.Contains(t, rec.Body.String(), "\r\n\r\n3456\r\n")
			continue
		}
		require.Equal(t, want, rec.Body.Bytes(), header)
		require.Equal(t, "audio/mpeg", rec.Header().Get("Content-Type"))
	}
	require.Equal(t, http.StatusRequestedRangeNotSatisfiable, b.do("GET", target, nil, "Range", "bytes=60000-").Code)

	for url, says := range map[string]string{"https://elsewhere.test/a.mp3": "kept by somebody else", "file:///etc/passwd": "kept by somebody else", "javascript:alert(1)": "kept by somebody else"} {
		foreign := b.talk(w, lead, storetest.Fields{"recording_url": url})
		page := b.get("/conversations/" + foreign.String())
		require.Contains(t, page, says)
		require.NotContains(t, page, "<audio")
		require.Equal(t, http.StatusNotFound, b.do("GET", "/conversations/"+foreign.String()+"/recording", nil).Code, url)
	}
	require.NoError(t, b.media.Close())
}
