package salesforcesim

import (
	"testing"
)

const syncColumns = "Id, FirstName, LastName, Salutation, Phone, MobilePhone, HomePhone, Email, Title, Department, MailingStreet, MailingCity, MailingState, MailingPostalCode, MailingCountry, LeadSource, Description, OwnerId, DoNotCall, HasOptedOutOfEmail, AccountId, Account.Name, CreatedDate, LastModifiedDate, SystemModstamp, IsDeleted, MasterRecordId"

// BenchmarkRender renders what a sync asks for; records/s is the figure that matters.
func BenchmarkRender(b *testing.B) {
	const n = 200_000
	t := setup(b, func(o *Options) { o.Contacts = n })
	st, refused := parseSOQL("SELECT "+syncColumns+" FROM Contact ORDER BY SystemModstamp, Id", nil, 0)
	if refused != nil {
		b.Fatal(refused.message)
	}
	sc := plan(t.sim.now, st, true)
	cols := newColumns(st)
	run := func(b *testing.B, write func(out []byte, at spot, e *eval) []byte) {
		b.ReportAllocs()
		out, bytes := make([]byte, 0, 1<<20), 0
		for b.Loop() {
			var pos position
			e := &eval{v: &sc.v}
			for {
				at, ok := sc.next(&pos, e)
				if !ok {
					break
				}
				if out = write(out, at, e); len(out) > 1<<19 {
					bytes += len(out)
					out = out[:0]
				}
			}
		}
		b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds(), "records/s")
		b.ReportMetric(float64(bytes)/float64(b.N)/n, "bytes/record")
	}
	b.Run("json", func(b *testing.B) {
		run(b, func(out []byte, at spot, e *eval) []byte {
			return append(cols.jsonRow(out, &sc.v, sc.t, at, &e.row, "/services/data/v66.0"), ',')
		})
	})
	b.Run("csv", func(b *testing.B) {
		run(b, func(out []byte, at spot, e *eval) []byte {
			return cols.csvRow(out, &sc.v, sc.t, at, &e.row, csvFormat{',', "\n"})
		})
	})
}

// BenchmarkKeysetPage answers one page in the middle of 5,000,000 records.
func BenchmarkKeysetPage(b *testing.B) {
	t := setup(b, func(o *Options) { o.Contacts = 5_000_000; o.Ties = 50_000 })
	id := t.sim.RecordID("Contact", 1_700_000)
	path := queryURL("queryAll", "SELECT "+syncColumns+" FROM Contact WHERE (SystemModstamp > 2024-09-01T00:00:00Z OR (SystemModstamp = 2024-09-01T00:00:00Z AND Id > '"+id+
		"')) AND SystemModstamp <= 2026-01-01T00:00:00Z ORDER BY SystemModstamp, Id LIMIT 2000")
	for b.Loop() {
		if r := t.do("GET", path, ""); r.status != 200 {
			b.Fatal(r.body)
		}
	}
	b.ReportMetric(float64(b.N)*2000/b.Elapsed().Seconds(), "records/s")
}
