package leadfile

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/lead"
	"github.com/callhenk/henk-worker/internal/store"
	"github.com/callhenk/henk-worker/internal/storetest"
)

// each runs a test on a fresh database and on one of the web app's, with its triggers.
func each(t *testing.T, run func(t *testing.T, db *store.DB, business uuid.UUID)) {
	t.Run("fresh", func(t *testing.T) {
		t.Parallel()
		db := storetest.New(t)
		run(t, db, storetest.NewWorld(t, db, nil).Business)
	})
	t.Run("adopted", func(t *testing.T) {
		t.Parallel()
		db := storetest.Open(t, storetest.NewAdoptedURL(t))
		_, err := store.Migrate(t.Context(), db, storetest.Log(t))
		require.NoError(t, err)
		run(t, db, storetest.Adopted.Business)
	})
}

func importText(t testing.TB, db *store.DB, business uuid.UUID, text string) *LeadReport {
	t.Helper()
	r, err := ImportLeads(t.Context(), db, strings.NewReader(text), LeadOptions{BusinessID: business, List: "Imported"})
	require.NoError(t, err)
	return r
}

func scan[T any](t testing.TB, db *store.DB, sql string, args ...any) (v T) {
	t.Helper()
	require.NoError(t, db.QueryRow(t.Context(), sql, args...).Scan(&v))
	return v
}

func TestImportLeads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB, business uuid.UUID) {
		text := "Donor ID,Name,Phone,Email,Zip,DNC,Score,Shoe size\n" +
			"7,Ada Lovelace,(312) 555-0100 x5,ada@example.org,60601,,90,38\n" +
			"8,\"Hopper, Grace\",,grace@example.org,,yes,x,39\n" +
			"9,Nobody,,,,,,\n" +
			",Alan Turing,3125550102,,,,,\n" +
			",Alan Turing,312.555.0102,alan@example.org,,,,\n" +
			",Joan Clarke,3125550102,,,,,\n" +
			"10,X,3125550109,,,,,,too,many\n"
		var rejects bytes.Buffer
		r, err := ImportLeads(t.Context(), db, strings.NewReader(text), LeadOptions{BusinessID: business, List: "Imported", Rejects: &rejects,
			Map: map[string]string{"donor id": "source_id"}})
		require.NoError(t, err)
		require.Equal(t, []int64{7, 4, 1, 4, 2, 1, 1}, []int64{r.Rows, r.Created, r.Joined, r.Listed, r.Rejected, r.DoNotCall, r.Noted})
		require.Equal(t, []Problem{{4, "there is no phone, mobile phone or email"}, {8, "the row has 10 fields and the header 8: is a separator or a quote missing?"}}, r.Problems)
		require.Equal(t, Column{Name: "Shoe size"}, r.Columns[7])
		require.Equal(t, "Ada|Lovelace|(312) 555-0100 x5|60601|90|csv", scan[string](t, db,
			"select concat_ws('|', first_name, last_name, phone, postal_code, lead_score, source) from leads where source_id = '7'"), "numbers as entered")
		require.Equal(t, "Grace|Hopper|t|f", scan[string](t, db, "select concat_ws('|', first_name, last_name, do_not_call, dnc) from leads where source_id = '8'"))
		require.Equal(t, "alan@example.org", scan[string](t, db, "select email from leads where first_name = 'Alan'"), "two rows of one person")
		require.Equal(t, 1, scan[int](t, db, "select count(*) from leads where first_name = 'Joan'"), "another person with the same number")
		kept := csv.NewReader(&rejects)
		kept.FieldsPerRecord = -1
		rows, err := kept.ReadAll()
		require.NoError(t, err)
		require.Equal(t, []string{"henk line", "henk reason", "Donor ID"}, rows[0][:3])
		require.Equal(t, []string{"4", "there is no phone, mobile phone or email", "9", "Nobody"}, rows[1][:4])
		requireCounted(t, db, 4)

		again, err := ImportLeads(t.Context(), db, strings.NewReader(text), LeadOptions{BusinessID: business, List: "Imported", Map: map[string]string{"donor id": "source_id"}})
		require.NoError(t, err)
		require.Equal(t, []int64{0, 0, 4, 0}, []int64{again.Created, again.Updated, again.Unchanged, again.Listed}, "nobody is there twice")
		requireCounted(t, db, 4)
	})
}

func requireCounted(t *testing.T, db *store.DB, n int) {
	t.Helper()
	require.Equal(t, []int{n, n}, []int{scan[int](t, db, "select lead_count from lead_lists where name = 'Imported'"),
		scan[int](t, db, "select count(*) from lead_list_members m join lead_lists l on l.id = m.lead_list_id where l.name = 'Imported'")})
}

func TestAnImportNeverTakesAFlagBack(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB, business uuid.UUID) {
		ours := storetest.Insert(t, db, "leads", storetest.Fields{"business_id": business, "source": "csv", "source_id": "1", "first_name": "Ada",
			"phone": "+14155550101", "do_not_call": true, "dnc": true})
		salesforce := storetest.Insert(t, db, "leads", storetest.Fields{"business_id": business, "source": "salesforce", "source_id": "003", "first_name": "Grace",
			"last_name": "Hopper", "phone": "+14155550102", "do_not_call": true})
		r := importText(t, db, business, "id,first name,last name,phone,city,do not call\n1,Augusta,,4155550101,,no\n2,grace,HOPPER,(415) 555-0102,Arlington,0\n")
		require.Equal(t, []int64{0, 2, 2}, []int64{r.Created, r.Updated, r.Listed})
		require.Equal(t, "Augusta|4155550101|t|t", scan[string](t, db, "select concat_ws('|', first_name, phone, do_not_call, dnc) from leads where id = $1", ours),
			"its own source's words count, but not about the flag")
		require.Equal(t, "Grace|+14155550102|Arlington|t|003", scan[string](t, db, "select concat_ws('|', first_name, phone, city, do_not_call, source_id) from leads where id = $1", salesforce),
			"another system's lead is only completed")
		importText(t, db, business, "id,phone,dnc\n2,4155550102,maybe\n")
		other := storetest.Insert(t, db, "leads", storetest.Fields{"business_id": business, "phone": "+14155550103"})
		importText(t, db, business, "phone,dnc\n415-555-0103,perhaps\n")
		require.True(t, scan[bool](t, db, "select do_not_call from leads where id = $1", other), "what is not clearly a no is a yes")
	})
}

func TestHostileLeads(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB, business uuid.UUID) {
		_, err := db.Exec(t.Context(), "alter table leads add constraint no_teapots check (company <> 'teapot')") // as an adopted database may have
		require.NoError(t, err)
		long := strings.Repeat("é", 10_000)
		text := "first_name,phone,email,company,description\n" +
			long + ",4155550100,,x,\n" +
			"a\x00b,4155550101,,\x01\x02,line\n" + // NUL, control characters
			"'; drop table leads; --,4155550102,,=cmd|' /c calc'!A0,\n" +
			"c," + strings.Repeat("4", 51) + ",,,\n" +
			"d,4155550103,,teapot,\n" +
			"e,4155550104,not an address,,\"two\nlines\"\n" +
			"😀,4155550105,,,\n" +
			"f,4155550106,,\"open,\n"
		var rejects bytes.Buffer
		r, err := ImportLeads(t.Context(), db, strings.NewReader(text), LeadOptions{BusinessID: business, List: "Imported", Rejects: &rejects})
		require.NoError(t, err)
		require.EqualValues(t, 6-1, r.Created)
		require.Equal(t, []Problem{{5, "phone is longer than 50 characters"}, {9 + 1, "a quote is opened and never closed"}, {6, "the database refuses the row (no_teapots)"}}, r.Problems)
		require.Equal(t, 255, scan[int](t, db, "select length(first_name) from leads where phone = '4155550100'"))
		require.Equal(t, "ab", scan[string](t, db, "select first_name from leads where phone = '4155550101'"))
		require.Equal(t, "two\nlines", scan[string](t, db, "select description from leads where phone = '4155550104'"))
		require.Equal(t, "😀", scan[string](t, db, "select first_name from leads where phone = '4155550105'"))
		requireCounted(t, db, 5)
	})
}

// breaking fails after n bytes, as a process that dies or an upload that breaks off.
func breaking(text string, n int) io.Reader {
	return io.MultiReader(strings.NewReader(text[:n]), failing{})
}

type failing struct{}

var errBroken = errors.New("broke off")

func (failing) Read([]byte) (int, error) { return 0, errBroken }

func manyLeads(n int) string {
	var b strings.Builder
	b.WriteString("first_name,last_name,phone,email\n")
	for i := range n {
		fmt.Fprintf(&b, "First%d,Last,415%03d%04d,p%d@example.org\n", i, 200+i/10_000, i%10_000, i)
	}
	return b.String()
}

func TestAfterACrashTheSameFileGoesInAgain(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB, business uuid.UUID) {
		text := manyLeads(2500)
		before := scan[int](t, db, "select count(*) from leads")
		_, err := ImportLeads(t.Context(), db, breaking(text, len(text)*3/4), LeadOptions{BusinessID: business, List: "Imported"})
		require.ErrorIs(t, err, errBroken)
		requireCounted(t, db, 1000)
		r := importText(t, db, business, text)
		require.Equal(t, []int64{1500, 1000, 1500}, []int64{r.Created, r.Unchanged, r.Listed})
		require.Equal(t, before+2500, scan[int](t, db, "select count(*) from leads"))
		requireCounted(t, db, 2500)
	})
}

func TestTwoImportsOfOneFileAtOnce(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	text := manyLeads(2500)
	var wg sync.WaitGroup
	for range 3 {
		wg.Go(func() {
			if _, err := ImportLeads(t.Context(), db, strings.NewReader(text), LeadOptions{BusinessID: w.Business, List: "Imported"}); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	require.Equal(t, 2500, scan[int](t, db, "select count(*) from leads"))
	require.Equal(t, 1, scan[int](t, db, "select count(*) from lead_lists"))
	requireCounted(t, db, 2500)
}

func TestWhatCannotBeImported(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	w := storetest.NewWorld(t, db, nil)
	do := func(text string, o LeadOptions) error {
		_, err := ImportLeads(t.Context(), db, strings.NewReader(text), o)
		return err
	}
	o := LeadOptions{BusinessID: w.Business, List: "L"}
	require.ErrorContains(t, do("", o), "empty")
	require.ErrorIs(t, do("a,b\n1,2", o), ErrNoContactColumn)
	require.ErrorIs(t, do("phone\n1", LeadOptions{BusinessID: uuid.New(), List: "L"}), lead.ErrNoBusiness)
	require.ErrorContains(t, do("phone\n1", LeadOptions{BusinessID: w.Business}), "name")
	o.Map = map[string]string{"x": "phone"}
	require.ErrorContains(t, do("phone\n1", o), "no column")
	o.Map = map[string]string{"phone": "fax"}
	require.ErrorContains(t, do("phone\n1", o), "no field")
	require.Zero(t, scan[int](t, db, "select count(*) from lead_lists"), "a file that cannot be read makes no list")

	p, err := PreviewLeads(strings.NewReader("who;what\nAda;3125550100\n"), map[string]string{"what": "phone", "who": "first_name"}, 5)
	require.NoError(t, err)
	require.Equal(t, []map[string]string{{"first_name": "Ada", "phone": "3125550100"}}, p.Rows)
	p, err = PreviewLeads(strings.NewReader("who;what\nAda;3125550100\n"), nil, 5)
	require.ErrorIs(t, err, ErrNoContactColumn)
	require.Equal(t, []Column{{Name: "who"}, {Name: "what"}}, p.Columns, "so that somebody can map them")
}

func TestImportSuppressions(t *testing.T) {
	t.Parallel()
	each(t, func(t *testing.T, db *store.DB, business uuid.UUID) {
		do := func(r io.Reader, rejects io.Writer) (*SuppressionReport, error) {
			return ImportSuppressions(t.Context(), db, r, SuppressionOptions{Source: "f", By: "t", Rejects: rejects})
		}
		inForce := func() string {
			return scan[string](t, db, "select coalesce(string_agg(phone, ' ' order by phone), '') from henk.suppressions where expires_at is null or expires_at > now()")
		}
		var rejects bytes.Buffer
		r, err := do(strings.NewReader("312,5550100\n3125550101\n(312) 555-0101\nrubbish 99\n\n+1 312 555 0102\n"), &rejects)
		require.NoError(t, err)
		require.Equal(t, []int64{5, 3, 1, 1}, []int64{r.Lines, r.Numbers, r.Repeated, r.Rejected})
		require.EqualValues(t, 4, r.Problems[0].Line)
		require.Contains(t, rejects.String(), "4,")
		require.Contains(t, rejects.String(), "rubbish 99")
		require.Equal(t, "+13125550100 +13125550101 +13125550102", inForce())

		broken := strings.Repeat("3125550199\n", 3*numberBatch)
		_, err = do(breaking(broken, len(broken)), nil)
		require.ErrorIs(t, err, errBroken)
		require.Equal(t, "+13125550100 +13125550101 +13125550102", inForce(), "half a file replaces nothing")
		_, err = do(strings.NewReader("nothing\nat all\n"), nil)
		require.ErrorIs(t, err, lead.ErrNoNumbers)
		_, err = do(strings.NewReader("3125550100,A,2024-01-01\n"), nil)
		require.ErrorIs(t, err, ErrChangeList)
		gone, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = ImportSuppressions(gone, db, strings.NewReader("3125550103\n"), SuppressionOptions{Source: "f", By: "t"})
		require.Error(t, err)
		require.Equal(t, "+13125550100 +13125550101 +13125550102", inForce())

		_, err = do(strings.NewReader("phone,reason\n3125550103,asked\n"), nil)
		require.NoError(t, err)
		require.Equal(t, "+13125550103", inForce())
		_, err = lead.RemoveReplaced(t.Context(), db, nil)
		require.NoError(t, err)
		require.Equal(t, 1, scan[int](t, db, "select count(*) from henk.suppression_entries"))
		require.Equal(t, 1, scan[int](t, db, "select count(*) from henk.suppression_versions"))
	})
}

// lines makes a file as it is read.
type lines struct {
	n, max int
	rest   []byte
	peak   uint64
}

func (l *lines) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		if l.n == l.max {
			return 0, io.EOF
		}
		if l.n%100_000 == 0 {
			var m runtime.MemStats
			runtime.ReadMemStats(&m)
			l.peak = max(l.peak, m.HeapInuse)
		}
		l.rest = fmt.Appendf(nil, "%d,%d\n", 201+l.n%700, 2000000+l.n)
		l.n++
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// Memory does not grow with the file. (The bound is far above what is used, because other tests run beside it.)
func TestMemoryStaysFlat(t *testing.T) {
	db := storetest.New(t)
	in := &lines{max: 600_000}
	r, err := ImportSuppressions(t.Context(), db, in, SuppressionOptions{Source: "f", By: "t"})
	require.NoError(t, err)
	require.EqualValues(t, in.max, r.Numbers)
	require.Less(t, in.peak, uint64(200<<20))
}
