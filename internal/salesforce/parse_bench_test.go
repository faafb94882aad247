package salesforce

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func benchPage(records int) (page, sheet []byte) {
	var j, s bytes.Buffer
	fmt.Fprintf(&j, `{"totalSize":%d,"done":true,"records":[`, records)
	fmt.Fprintf(&s, "\"%s\"\n", strings.Join(contactFields, `","`))
	for i := range records {
		if i > 0 {
			j.WriteByte(',')
		}
		id := fmt.Sprintf("003RO%010dYAM", i)
		fmt.Fprintf(&j, `{"attributes":{"type":"Contact","url":"/services/data/v66.0/sobjects/Contact/%s"},"Id":"%s","SystemModstamp":"2026-01-02T03:04:05.000+0000","IsDeleted":false,"MasterRecordId":null,"FirstName":"Adelheid","LastName":"M\u00fcller-%d","Salutation":"Ms.","Title":"Head of Things","Department":null,"Email":"adelheid.%d@example.org","Phone":"(415) 555-0100","MobilePhone":"+1 415 555 0101","HomePhone":null,"OtherPhone":null,"MailingStreet":"12 Long Street\nFloor 3","MailingCity":"San Francisco","MailingState":"CA","MailingPostalCode":"94105","MailingCountry":"United States","DoNotCall":false,"HasOptedOutOfEmail":false,"LeadSource":"Web","Description":null,"OwnerId":"005000000000001AAA","Account":{"attributes":{"type":"Account","url":"/services/data/v66.0/sobjects/Account/001RO0000035WQgYAM"},"Name":"Acme \"Donors\" Inc"}}`, id, id, i, i)
		fmt.Fprintf(&s, `"%s","2026-01-02T03:04:05.000Z","false","","Adelheid","Müller-%d","Ms.","Head of Things","","adelheid.%d@example.org","(415) 555-0100","+1 415 555 0101","","","12 Long Street`+"\n"+`Floor 3","San Francisco","CA","94105","United States","false","false","Web","","005000000000001AAA","Acme ""Donors"" Inc"`+"\n", id, i, i)
	}
	j.WriteString("]}")
	return j.Bytes(), s.Bytes()
}

func BenchmarkParseJSON(b *testing.B) {
	doc, _ := benchPage(2000)
	fields := mustFields(b, contactFields...)
	tree, err := fields.tree()
	require.NoError(b, err)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r := &pageReader{scan: newScanner(bytes.NewReader(doc)), tree: tree, buffer: newRowBuffer(fields.Len()), each: nothing}
		require.NoError(b, r.scan.list('{', '}', r.member))
		rows += r.page.Records
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "records/s")
}

func BenchmarkParseCSV(b *testing.B) {
	_, doc := benchPage(2000)
	fields := mustFields(b, contactFields...)
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	rows := 0
	for b.Loop() {
		r := &csvReader{scan: newScanner(bytes.NewReader(doc)), fields: fields, buffer: newRowBuffer(fields.Len())}
		require.NoError(b, r.read(func(Row) error { rows++; return nil }))
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "records/s")
}

// BenchmarkParseJSONStandard is the yardstick.
func BenchmarkParseJSONStandard(b *testing.B) {
	doc, _ := benchPage(2000)
	rows := 0
	for b.Loop() {
		var page struct {
			Records []map[string]any `json:"records"`
		}
		require.NoError(b, json.Unmarshal(doc, &page))
		rows += len(page.Records)
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "records/s")
}
