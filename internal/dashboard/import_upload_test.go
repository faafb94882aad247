package dashboard

import (
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestUploadsThatCannotBeAreRefused(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	b.imports.max = 1 << 20
	before := b.digest()
	const fine = "phone\n3125550100\n"
	for name, c := range map[string]struct {
		content string
		pairs   []string
		says    string
		code    int
	}{
		"empty":          {"", []string{"list", "L"}, "choose a file that is not empty", 422},
		"no list":        {fine, nil, "name the list", 422},
		"no kind":        {fine, []string{"kind", "x"}, "leads or numbers", 422},
		"no business":    {fine, []string{"list", "L", "business", ""}, "choose the business", 422},
		"another's":      {fine, []string{"list", "L", "business", uuid.NewString()}, "no such business", 422},
		"no id":          {fine, []string{"list", "L", "business", "' or 1=1 --"}, "not an id", 422},
		"a long source":  {fine, []string{"list", "L", "source", strings.Repeat("x", 51)}, "at most 50", 422},
		"a long list":    {fine, []string{"list", strings.Repeat("x", 300)}, "too long", 422},
		"no text":        {fine, []string{"list", "L\x00"}, "holds what is no text", 422},
		"invalid UTF-8":  {fine, []string{"list", "L\xff"}, "holds what is no text", 422},
		"too large":      {strings.Repeat("3125550100\n", 100_000), []string{"list", "L"}, "larger than 1 MB", 413},
		"far too large":  {strings.Repeat("3125550100\n", 400_000), []string{"list", "L"}, "larger than 1 MB", 413},
		"too many parts": {fine, slicesOf("x", "y", 25), "broke off", 422},
	} {
		rec := b.send(w, "f.csv", c.content, c.pairs...)
		require.Equal(t, c.code, rec.Code, name)
		require.Contains(t, rec.Body.String(), "Not taken", name)
		require.Contains(t, rec.Body.String(), c.says, name)
	}
	for name, kind := range map[string]string{"not a form": "text/plain", "no boundary": "multipart/form-data", "cut off": "multipart/form-data; boundary=x"} {
		rec := b.do("POST", "/import", strings.NewReader("--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a\"\r\n\r\nphone"), "Content-Type", kind)
		require.Equal(t, http.StatusUnprocessableEntity, rec.Code, name)
	}
	require.Empty(t, b.imports.list())
	require.Equal(t, before, b.digest())
}

func slicesOf(name, value string, n int) []string {
	var pairs []string
	for range n {
		pairs = append(pairs, name, value)
	}
	return pairs
}

// What can be wrong with a file shows in its preview, and importing it is refused; nothing of it breaks the page.
func TestHostileFiles(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	for name, c := range map[string][2]string{
		"packed":            {"PK\x03\x04zzzz", "This is a packed file"},
		"no rows":           {"\n\n", "The file is empty"},
		"no contact":        {"colour,size\nred,5\n", "No column is known"},
		"an open quote":     {"\"phone\n3125550100\n", "The first line cannot be read"},
		"too many columns":  {strings.Repeat("a,", 5000) + "phone\n1\n", "at most 200 can be mapped"},
		"one endless line":  {strings.Repeat("phone,", 100_000), "longer than"},
		"NULs":              {"\x00\x00\x00\x00\x00", ""},
		"binary":            {string([]byte{0xff, 0xfe, 0x00, 0xd8, 0x01, 0x02, 0xff, 0xff}), ""},
		"many open quotes":  {"phone\n" + strings.Repeat("\"x\n", 300), ""},
		"a lying separator": {"sep=\x00\nphone\n1\n", ""},
	} {
		id := b.upload(w, name, c[0], "list", "L")
		page := "/import/" + id.String()
		require.Contains(t, text(b.get(page)), c[1], name)
		if c[1] != "" {
			require.Equal(t, http.StatusUnprocessableEntity, b.post(page, "action", "import").Code, name)
			b.post(page, "action", "discard")
			continue
		}
		if rec := b.post(page, "action", "import"); rec.Code == http.StatusSeeOther {
			require.Contains(t, []string{stateDone, stateFailed}, b.done(id).State, name)
			b.get(page)
		}
		b.post(page, "action", "discard")
	}
	b.exec("delete from leads")

	// SQL, formulas and marks of the wrong kind are what somebody is called.
	id := b.upload(w, "x", "first_name,last_name,phone\n\"'; drop table leads; --\",=cmd|' /C calc'!A0,3125550100\n<i>\u202e,\"a\nb\",3125550101\n", "list", "'; drop table lead_lists; --")
	b.startImport(id)
	require.Equal(t, stateDone, b.done(id).State)
	require.Equal(t, int64(2), value[int64](b, "select count(*) from leads"))
	require.Equal(t, "=cmd|' /C calc'!A0", value[string](b, "select last_name from leads where first_name = $1", "'; drop table leads; --"))
}

// A file has no name on the disk, so that nothing is left of it whatever happens.
func TestNothingOfAnUploadIsLeft(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.UploadDir = t.TempDir()
	w := storetest.NewWorld(t, b.db, nil)
	id := b.upload(w, "f.csv", "phone,x\n3125550100,1\n,2\n", "list", "L")
	b.startImport(id)
	require.EqualValues(t, 1, b.done(id).Rejected)
	entries, err := os.ReadDir(b.UploadDir)
	require.NoError(t, err)
	require.Empty(t, entries)
	u := b.imports.get(id)
	b.imports.expire(u)
	require.Nil(t, b.imports.get(id))
	_, err = u.open()
	require.ErrorIs(t, err, errThrownAway)
	_, _, err = u.rejected()
	require.ErrorIs(t, err, errThrownAway)
	b.UploadDir += "/gone"
	rec := b.send(w, "f.csv", "phone\n1\n", "list", "L")
	require.Equal(t, http.StatusInternalServerError, rec.Code)
	require.Contains(t, rec.Body.String(), "cannot keep files")
}

// dribble gives little at a time.
type dribble struct {
	r    io.Reader
	wait time.Duration
}

func (d *dribble) Read(p []byte) (int, error) {
	time.Sleep(d.wait)
	return d.r.Read(p[:min(len(p), 200)])
}

// A file may come for longer than the server gives to other requests, as long as it comes.
func TestASlowUploadIsWaitedFor(t *testing.T) {
	t.Parallel()
	b := setup(t)
	w := storetest.NewWorld(t, b.db, nil)
	server := httptest.NewUnstartedServer(b.mux)
	server.Config.ReadTimeout, server.Config.WriteTimeout = time.Second, time.Second
	server.Start()
	t.Cleanup(server.Close)
	body, kind := form(t, "slow.csv", "phone\n"+strings.Repeat("3125550100\n", 100), "kind", "leads", "business", w.Business.String(), "list", "L")
	r, err := http.NewRequestWithContext(t.Context(), "POST", server.URL+"/import", &dribble{body, 200 * time.Millisecond})
	require.NoError(t, err)
	r.Header.Set("Content-Type", kind)
	res, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	require.NoError(t, res.Body.Close())
	require.Equal(t, http.StatusSeeOther, res.StatusCode)
	require.Len(t, b.imports.list(), 1)
	require.EqualValues(t, 1106, b.imports.list()[0].size)
}

// endless is a file of a size that nobody has in memory.
type endless struct{ left int64 }

func (e *endless) Read(p []byte) (int, error) {
	if e.left <= 0 {
		return 0, io.EOF
	}
	n := int(min(int64(len(p)), e.left))
	for i := range p[:n] {
		p[i] = "3125550100\n"[i%11]
	}
	e.left -= int64(n)
	return n, nil
}

// 200 MB are taken, and not held in memory.
func TestALargeUploadIsNotHeldInMemory(t *testing.T) {
	b := setup(t) // not parallel: memory is the process's
	w := storetest.NewWorld(t, b.db, nil)
	body, in := io.Pipe()
	form := multipart.NewWriter(in)
	go func() {
		for name, value := range map[string]string{"kind": "leads", "business": w.Business.String(), "list": "L"} {
			_ = form.WriteField(name, value)
		}
		part, err := form.CreateFormFile("file", "large.csv")
		if err == nil {
			_, err = io.Copy(part, &endless{200 << 20})
		}
		if err == nil {
			err = form.Close()
		}
		_ = in.CloseWithError(err)
	}()
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/import", body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	rec := httptest.NewRecorder()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.mux.ServeHTTP(rec, r)
	runtime.ReadMemStats(&after)
	require.Equal(t, http.StatusSeeOther, rec.Code, text(rec.Body.String()))
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20), "bytes allocated")
}
