package salesforcesim

import (
	"net/http"
	"strconv"
	"strings"
)

// route finds the resource of a call below /services/data/vXX.0.
func (s *Sim) route(c *call) *reply {
	if len(c.seg) == 0 {
		return s.resources(c)
	}
	switch c.seg[0] {
	case "limits":
		return s.limits()
	case "query", "queryAll":
		if c.method != http.MethodGet {
			return refuse(errMethod)
		}
		if len(c.seg) > 1 {
			return s.queryMore(c, c.seg[1])
		}
		return s.query(c, c.seg[0] == "queryAll")
	case "sobjects":
		return s.sobjects(c)
	case "composite":
		return s.composites(c)
	case "jobs":
		if len(c.seg) > 1 && c.seg[1] == "query" {
			return s.bulk(c, c.seg[2:])
		}
		if len(c.seg) > 1 && c.seg[1] == "ingest" {
			return s.ingest(c, c.seg[2:])
		}
	}
	return refuse(errNotFound)
}

func (s *Sim) resources(c *call) *reply {
	list := map[string]string{"identity": "/id/" + orgID() + "/" + userID()}
	for _, name := range []string{"limits", "query", "queryAll", "sobjects", "composite", "jobs"} {
		list[name] = c.base + "/" + name
	}
	return answer(http.StatusOK, list)
}

func (s *Sim) limits() *reply {
	used := s.counts.usage()
	s.mu.Lock()
	jobs := len(s.jobs)
	s.mu.Unlock()
	type limit struct{ Max, Remaining int }
	return answer(http.StatusOK, map[string]limit{
		"DailyApiRequests":                  {s.opt.DailyLimit, max(s.opt.DailyLimit-used, 0)},
		"DailyBulkV2QueryJobs":              {10000, max(10000-jobs, 0)},
		"DailyBulkV2QueryFileStorageMB":     {976562, 976562},
		"DailyBulkApiBatches":               {15000, 15000},
		"DataStorageMB":                     {1024, 900},
		"HourlyTimeBasedWorkflow":           {1000, 1000},
		"ConcurrentAsyncGetReportInstances": {200, 200},
	})
}

// sobjects answers /sobjects and what is below it.
func (s *Sim) sobjects(c *call) *reply {
	if len(c.seg) == 1 {
		return s.describeGlobal(c)
	}
	o := objectNamed(c.seg[1])
	if o == nil {
		return refuse(errNotFound)
	}
	switch {
	case len(c.seg) == 2 && c.method == http.MethodGet:
		return answer(http.StatusOK, map[string]any{"objectDescribe": s.summary(c, o), "recentItems": []any{}})
	case len(c.seg) == 2 && c.method == http.MethodPost:
		return s.createOne(c, o)
	case len(c.seg) == 2:
		return refuse(errMethod)
	case c.seg[2] == "describe":
		return s.describe(c, o)
	case c.seg[2] == "updated" || c.seg[2] == "deleted":
		return s.replication(c, o, c.seg[2] == "deleted")
	case len(c.seg) == 4:
		return s.byExternalID(c, o, c.seg[2], c.seg[3])
	case len(c.seg) == 3:
		return s.oneRecord(c, o, c.seg[2])
	}
	return refuse(errNotFound)
}

// describeGlobal lists the objects.
func (s *Sim) describeGlobal(c *call) *reply {
	var list []any
	for _, o := range objects {
		list = append(list, s.summary(c, o))
	}
	return answer(http.StatusOK, map[string]any{"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": list})
}

func (s *Sim) summary(c *call, o *object) map[string]any {
	base := c.base + "/sobjects/" + o.name
	return map[string]any{
		"name": o.name, "label": o.label, "labelPlural": o.label + "s", "keyPrefix": o.prefix, "custom": false, "customSetting": false, "activateable": false,
		"createable": !o.queryOnly, "updateable": !o.queryOnly, "deletable": !o.queryOnly, "undeletable": !o.queryOnly, "queryable": true, "retrieveable": true,
		"replicateable": true, "searchable": true, "layoutable": true, "mergeable": o == contactObject || o == leadObject || o == accountObject, "triggerable": true,
		"urls": map[string]string{"sobject": base, "describe": base + "/describe", "rowTemplate": base + "/{ID}"},
	}
}

// describe answers with the fields that this user sees; others are absent.
func (s *Sim) describe(c *call, o *object) *reply {
	s.mu.Lock()
	changed := s.schema.UTC()
	s.mu.Unlock()
	if since, err := http.ParseTime(c.header.Get("If-Modified-Since")); err == nil && changed.Unix() <= since.Unix() {
		return &reply{status: http.StatusNotModified}
	}
	d := s.summary(c, o)
	var fields []any
	for i := range o.fields {
		if !s.hides(c.conn, o, i) {
			fields = append(fields, o.describeField(i))
		}
	}
	d["fields"], d["childRelationships"], d["recordTypeInfos"] = fields, []any{}, []any{}
	r := answer(http.StatusOK, d)
	r.header["Last-Modified"] = changed.Format(http.TimeFormat)
	return r
}

func (s *Sim) hides(conn *connection, o *object, f int) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return conn.hidden.has(o, f)
}

func (o *object) describeField(i int) map[string]any {
	f := &o.fields[i]
	writable := !f.readOnly && !o.queryOnly
	values := []any{}
	for _, v := range f.values {
		values = append(values, map[string]any{"active": true, "defaultValue": false, "label": v, "value": v})
	}
	isBool := f.typ == typeBool
	d := map[string]any{
		"name": f.name, "label": f.name, "type": f.typ, "length": f.length, "byteLength": 3 * f.length, "soapType": soapType(f.typ), "digits": 0, "precision": 0, "scale": 0,
		"nillable": !f.required && !isBool && i > fModifiedBy, "defaultedOnCreate": isBool || i <= fModifiedBy, "calculated": false, "autoNumber": false, "custom": strings.HasSuffix(f.name, "__c"),
		"createable": writable, "updateable": writable && !f.setOnce, "filterable": f.typ != typeAddress && f.length <= 255, "sortable": f.typ != typeAddress && f.length <= 255,
		"groupable": f.isText() && f.length <= 255, "aggregatable": f.typ != typeAddress, "externalId": f.external, "idLookup": i == fID || f.external || f.typ == typeEmail, "unique": f.external,
		"caseSensitive": false, "nameField": f.name == "Name", "compoundFieldName": nil, "referenceTo": []string{}, "relationshipName": nil, "picklistValues": values,
		"restrictedPicklist": false, "deprecatedAndHidden": false, "encrypted": false, "permissionable": i > fModifiedBy && !f.required, "inlineHelpText": nil, "defaultValue": nil,
	}
	if isBool {
		d["defaultValue"] = false
	}
	if f.compound != "" {
		d["compoundFieldName"] = f.compound
	}
	if f.parents != nil {
		d["referenceTo"] = f.parents
	}
	if f.relation != "" {
		d["relationshipName"] = f.relation
	}
	if f.typ == typeInt {
		d["digits"] = 8
	}
	if f.typ == typeCurrency {
		d["precision"], d["scale"] = 18, 0
	}
	return d
}

func soapType(t fieldType) string {
	switch t {
	case typeID, typeReference:
		return "tns:ID"
	case typeBool, typeDate, typeInt:
		return "xsd:" + string(t)
	case typeDateTime:
		return "xsd:dateTime"
	case typeCurrency:
		return "xsd:double"
	case typeAddress:
		return "urn:address"
	}
	return "xsd:string"
}

// HideField hides a field such as Contact.DoNotCall from every connection, or shows it again, as a change of field-level security does:
// nobody's record moves.
func (s *Sim) HideField(name string, hide bool) error {
	o, f, err := fieldNamed(name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range s.connections() {
		next := hiddenFields{}
		for at, m := range c.hidden {
			next[at] = m
		}
		if next[o] &^= of(f); hide {
			next.add(o, f)
		}
		c.hidden = next
	}
	s.schema = s.opt.Clock()
	return nil
}

// connections are all grants, once each.
func (s *Sim) connections() map[string]*connection {
	list := map[string]*connection{"": s.grants.first}
	for _, rt := range s.grants.refresh {
		if rt.conn != s.grants.first {
			list[rt.conn.refresh+strconv.Itoa(len(list))] = rt.conn
		}
	}
	return list
}
