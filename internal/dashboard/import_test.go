package dashboard

import (
	"encoding/csv"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/unicode"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// done waits until an import is through.
func (b *bundle) done(id uuid.UUID) runState {
	b.t.Helper()
	for range 2000 {
		if s := b.imports.get(id).now(); !s.Live() {
			return s
		}
		time.Sleep(10 * time.Millisecond)
	}
	b.t.Fatal("the import does not end")
	return runState{}
}

func (b *bundle) startImport(id uuid.UUID, pairs ...string) {
	b.t.Helper()
	rec := b.post("/import/"+id.String(), append([]string{"action", "import"}, pairs...)...)
	require.Equal(b.t, http.StatusSeeOther, rec.Code, text(rec.Body.String()))
}

func TestAFileIsMappedImportedAndItsRejectsTaken(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	encoded, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("wer;was;Wert\r\nJürgen Groß;3125550100;=1+1\r\nNiemand;;=2+5\r\nÅse;3125550101;9\r\n")
	require.NoError(t, err)
	id := b.upload(w, "../../etc/Spender<b>.csv", encoded, "list", "Frühling", "source", "fundraisebox")
	page := "/import/" + id.String()
	shown := b.get(page)
	require.Contains(t, text(shown), "No column is known to hold a phone")
	require.Contains(t, shown, "Spender&lt;b&gt;.csv")
	require.NotContains(t, shown, "etc/")
	require.Contains(t, shown, "Jürgen Groß")
	require.NotContains(t, shown, `value="import"`)
	rec := b.post(page, "action", "import")
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code, "it cannot be read as it is mapped")
	require.Equal(t, http.StatusSeeOther, b.post(page, "action", "preview", "m1", "phone", "m2", "phone").Code)
	require.Contains(t, text(b.get(page)), "Two columns are mapped to phone")

	require.Equal(t, page+"?done=mapped", b.post(page, "action", "preview", "m1", "name", "m2", "phone", "m3", "").Header().Get("Location"))
	shown = text(b.get(page))
	require.Contains(t, shown, "first name last name phone Jürgen Groß 3125550100")
	require.Contains(t, shown, "Line 3 there is no phone, mobile phone or email")
	require.Zero(t, value[int64](b, "select count(*) from leads"), "a preview stores nothing")
	require.Equal(t, http.StatusNotFound, b.do("GET", page+"/rejects.csv", nil).Code)

	b.startImport(id)
	require.Equal(t, stateDone, b.done(id).State)
	shown = text(b.get(page))
	require.Contains(t, shown, "rows 3 created 2 updated 0")
	require.Contains(t, shown, "Columns not used: Wert.")
	require.Equal(t, "Groß Jürgen fundraisebox Frühling 2", value[string](b, `select concat_ws(' ', l.last_name, l.first_name, l.source, s.name, s.lead_count)
		from leads l join lead_list_members m on m.lead_id = l.id join lead_lists s on s.id = m.lead_list_id where l.phone = '3125550100'`))
	rec = b.do("GET", page+"/rejects.csv", nil)
	require.Equal(t, "text/csv; charset=utf-8", rec.Header().Get("Content-Type"))
	require.Contains(t, rec.Header().Get("Content-Disposition"), "attachment")
	rows, err := csv.NewReader(rec.Body).ReadAll()
	require.NoError(t, err)
	require.Equal(t, []string{"3", "there is no phone, mobile phone or email", "Niemand", "", "'=2+5"}, rows[1])
	require.Equal(t, "olga import.started leads Frühling request-1|olga import.ended leads Frühling request-1",
		value[string](b, "select string_agg(concat_ws(' ', actor, action, detail ->> 'kind', detail ->> 'list', request_id), '|' order by id) from henk.audit"))
	require.NotContains(t, value[string](b, "select string_agg(detail::text, '') from henk.audit"), "Spender", "the file's name may be a person's")

	require.Equal(t, page+"?done=same", b.post(page, "action", "import").Header().Get("Location"), "it is through")
	require.Equal(t, "/import?done=discarded", b.post(page, "action", "discard").Header().Get("Location"))
	require.Equal(t, http.StatusNotFound, b.do("GET", page, nil).Code)
}

func TestAListOfNumbersReplacesTheOldOne(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	var many strings.Builder
	for i := range 3000 {
		fmt.Fprintf(&many, "31255%05d\n", i+20000)
	}
	upload := func(content, business string) uuid.UUID {
		id := b.upload(w, "dnc.txt", content, "kind", "numbers", "business", business, "list", "federal")
		require.Contains(t, text(b.get("/import/"+id.String())), "The first numbers &#43;1312552")
		b.startImport(id)
		return id
	}
	inForce := func() int64 {
		return value[int64](b, "select count(*) from henk.suppressions where expires_at is null or expires_at > now()")
	}
	id := upload(many.String()+"rubbish\n", "")
	require.Equal(t, stateDone, b.done(id).State, b.done(id).Problem)
	require.EqualValues(t, 1, b.done(id).Rejected)
	require.EqualValues(t, 3000, inForce())

	id = upload("3125520000\n", "")
	require.Equal(t, stateReady, b.done(id).State)
	require.Contains(t, text(b.get("/import/"+id.String())), "The file has 1 numbers and the list in force 3000: is it complete?")
	require.EqualValues(t, 3000, inForce())
	b.startImport(id, "force", "1")
	require.Equal(t, stateDone, b.done(id).State, b.done(id).Problem)
	require.EqualValues(t, 1, inForce())

	id = upload("3125520001\n", w.Business.String())
	require.Equal(t, stateDone, b.done(id).State)
	require.Equal(t, int64(1), value[int64](b, "select count(*) from henk.suppressions where business_id = $1", w.Business))
}

func TestAMappingOfNoSense(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	id := b.upload(w, "f.csv", "phone,city\n3125550100,X\n", "list", "L")
	page := "/import/" + id.String()
	for _, pairs := range [][]string{{"m1", "no_such_field"}, {"m1", "phone", "m7", "city"}, {"m1", "phone", "m2", "phone"}, {"m1", "", "m2", ""}, {"m1", "-"}, {"m1", "\x00"}, {"m1", evil}} {
		rec := b.post(page, append([]string{"action", "import"}, pairs...)...)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, "%q", pairs)
		require.NotContains(t, rec.Body.String(), "<script>alert", "%q", pairs)
	}
	b.post(page, "action", "preview", "m0", "phone", "m-1", "phone", "m1", "phone", "m2", "city", "m201", "phone")
	b.startImport(id)
	require.Equal(t, stateDone, b.done(id).State)
	require.Equal(t, http.StatusBadRequest, b.post(page, "action", "burn").Code)
}

func TestFullOfFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	var ids []uuid.UUID
	for range uploadsKept + 3 {
		ids = append(ids, b.upload(w, "f.csv", "phone\n3125550100\n", "list", "L"))
	}
	require.Len(t, b.imports.list(), uploadsKept)
	require.Nil(t, b.imports.get(ids[0]), "the oldest makes room")
	for _, u := range b.imports.list() {
		require.True(t, u.begin(func() {}))
	}
	rec := b.send(w, "f.csv", "phone\n3125550100\n", "list", "L")
	require.Equal(t, http.StatusUnprocessableEntity, rec.Code)
	require.Contains(t, rec.Body.String(), "files are still being imported. Wait until one is through")
	require.Equal(t, http.StatusBadRequest, b.post("/import/"+ids[5].String(), "action", "discard").Code, "it runs")
	for range uploadsAtOnce {
		b.imports.busy <- struct{}{}
	}
	require.Equal(t, http.StatusServiceUnavailable, b.send(w, "f.csv", "phone\n1\n", "list", "L").Code)
}

func TestAnImportWaitsItsTurnAndCanBeStopped(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.imports.turn <- struct{}{} // somebody else's
	id := b.upload(w, "f.csv", "phone\n3125550100\n", "list", "L")
	page := "/import/" + id.String()
	b.startImport(id)
	require.Contains(t, text(b.get(page)), "It waits until another import is through.")
	require.Equal(t, page+"?done=same", b.post(page, "action", "import").Header().Get("Location"))
	require.Equal(t, page+"?done=stopping", b.post(page, "action", "stop").Header().Get("Location"))
	require.Equal(t, stateStopped, b.done(id).State)
	require.Contains(t, text(b.get(page)), "the same file can be imported again")
	require.Zero(t, value[int64](b, "select count(*) from leads"))
	<-b.imports.turn
}
