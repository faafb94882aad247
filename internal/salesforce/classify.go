package salesforce

import (
	"encoding/json"
	"mime"
	"net/http"
	"regexp"
	"strings"
)

// meaning of an errorCode, whatever the HTTP status. Sources: REST API developer guide (status codes and error
// responses), SOAP API guide (ExceptionCode, StatusCode), Bulk API 2.0 guide.
type meaning struct {
	kind Kind
	mend string
}

const (
	mendPermission = "ask the Salesforce administrator to give the integration user this permission"
	mendVersion    = "set the integration's apiVersion to one that the org offers, such as " + DefaultAPIVersion
)

var codeMeaning = map[string]meaning{
	"INVALID_SESSION_ID":  {KindSession, "authorise the Salesforce connection again"},
	"INVALID_AUTH_HEADER": {KindSession, "authorise the Salesforce connection again"},
	"INVALID_JWT_FORMAT":  {KindSession, "authorise the Salesforce connection again"},

	"API_DISABLED_FOR_ORG":                          {KindForbidden, "the org's edition or the user's profile lacks API access: ask the Salesforce administrator to enable it"},
	"API_CURRENTLY_DISABLED":                        {KindForbidden, "ask the Salesforce administrator to enable API access for the integration user"},
	"FUNCTIONALITY_NOT_ENABLED":                     {KindForbidden, "the org lacks this feature: ask the Salesforce administrator to enable it"},
	"INSUFFICIENT_ACCESS":                           {KindForbidden, mendPermission},
	"INSUFFICIENT_ACCESS_OR_READONLY":               {KindForbidden, mendPermission},
	"INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY": {KindForbidden, mendPermission},
	"CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY":          {KindRejected, "a trigger or flow in the org refused it: ask the Salesforce administrator"},
	"INVALID_OPERATION_WITH_EXPIRED_PASSWORD":       {KindCredentials, "the integration user's password has expired: set a new one in Salesforce"},

	"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": {KindReadOnly, ""},
	"INVALID_READ_ONLY_USER_DML":                          {KindReadOnly, ""}, // the user is read-only while the org is
	"FUNCTIONALITY_TEMPORARILY_UNAVAILABLE":               {KindReadOnly, ""},
	"SERVER_UNAVAILABLE":                                  {KindUnavailable, ""},
	"UNKNOWN_EXCEPTION":                                   {KindUnavailable, ""},
	"APEX_ERROR":                                          {KindUnavailable, ""},

	"INVALID_FIELD":                           {KindField, "give the integration user read access to the field, or take it out of the mapping"},
	"INVALID_FIELD_FOR_INSERT_UPDATE":         {KindField, "the field cannot be written: give the integration user edit access, or take it out of the mapping"},
	"INVALID_TYPE":                            {KindType, "give the integration user read access to the object, or correct its name"},
	"MALFORMED_QUERY":                         {KindQuery, "correct the query"},
	"INVALID_QUERY_FILTER_OPERATOR":           {KindQuery, "correct the query"},
	"MALFORMED_ID":                            {KindQuery, "correct the record id"},
	"INVALID_QUERY_SCOPE":                     {KindQuery, "correct the query"},
	"QUERY_TOO_COMPLICATED":                   {KindTooLarge, "ask for fewer fields"},
	"QUERY_TIMEOUT":                           {KindQueryTimeout, "ask for a smaller time range"},
	"INVALID_QUERY_LOCATOR":                   {KindLocatorGone, ""},
	"INVALID_BULK_QUERY_LOCATOR":              {KindLocatorGone, ""},
	"OPERATION_TOO_LARGE":                     {KindTooLarge, "give the integration user the View All Data permission, or ask for fewer records"},
	"EXCEEDED_ID_LIMIT":                       {KindReplication, "run a full reconcile"},
	"INVALID_REPLICATION_DATE":                {KindReplication, "run a full reconcile"},
	"OBJECT_NOT_REPLICATEABLE":                {KindReplication, "run a full reconcile"},
	"NOT_FOUND":                               {KindNotFound, ""},
	"ENTITY_IS_DELETED":                       {KindNotFound, ""},
	"INVALID_CROSS_REFERENCE_KEY":             {KindNotFound, "the record is gone or hidden from the integration user"},
	"UNABLE_TO_LOCK_ROW":                      {KindRowLock, ""},
	"UNSUPPORTED_API_VERSION":                 {KindVersion, mendVersion},
	"CANNOT_UPDATE_CONVERTED_LEAD":            {KindRejected, "the lead is converted: write to its contact"},
	"REQUIRED_FIELD_MISSING":                  {KindRejected, "the org requires a field that is not filled"},
	"FIELD_CUSTOM_VALIDATION_EXCEPTION":       {KindRejected, "a validation rule of the org refused it"},
	"FIELD_FILTER_VALIDATION_EXCEPTION":       {KindRejected, "a lookup filter of the org refused it"},
	"INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": {KindRejected, "use one of the picklist's values"},
	"STRING_TOO_LONG":                         {KindRejected, "shorten the text to the field's length"},
	"JSON_PARSER_ERROR":                       {KindRejected, "a value does not fit the type of its field"},
	"INVALID_EMAIL_ADDRESS":                   {KindRejected, "correct the e-mail address"},
	"DUPLICATE_VALUE":                         {KindRejected, "a record with this value exists: look it up"},
	"DUPLICATES_DETECTED":                     {KindRejected, "a duplicate rule of the org refused it"},
	"DUPLICATE_EXTERNAL_ID":                   {KindRejected, "several records have this external id: merge them in Salesforce"},
}

// refusesBulk are the codes with which the creation of a bulk job says: not for this query or user.
var refusesBulk = map[string]bool{
	"API_ERROR": true, "INVALIDENTITY": true, "INVALIDJOB": true, "INVALIDOPERATION": true, "FEATURENOTENABLED": true,
	"FUNCTIONALITY_NOT_ENABLED": true, "FUNCTIONALITY_TEMPORARILY_UNAVAILABLE": true, "INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE": true,
	"INSUFFICIENT_ACCESS": true, "API_DISABLED_FOR_ORG": true, "INVALID_READ_ONLY_USER_DML": true,
}

// quotesData are the codes whose messages repeat what is in the record.
var quotesData = map[string]bool{
	"STRING_TOO_LONG": true, "INVALID_EMAIL_ADDRESS": true, "DUPLICATE_VALUE": true, "DUPLICATES_DETECTED": true,
	"JSON_PARSER_ERROR": true, "INVALID_TYPE_ON_FIELD_IN_RECORD": true, "NUMBER_OUTSIDE_VALID_RANGE": true,
	"DUPLICATE_EXTERNAL_ID": true, "DUPLICATE_USERNAME": true,
}

var (
	noSuchColumn = regexp.MustCompile(`No such column '([A-Za-z][A-Za-z0-9_.]*)'`)
	concurrent   = regexp.MustCompile(`(?i)concurrent`)
)

// wireError is one item of REST's error array, or one of a record's errors.
type wireError struct {
	Message    string   `json:"message"`
	ErrorCode  string   `json:"errorCode"`
	StatusCode string   `json:"statusCode"` // collections say so instead of errorCode
	Fields     []string `json:"fields"`
	OAuthError string   `json:"error"` // the token endpoint's object
	OAuthText  string   `json:"error_description"`
}

func (w wireError) code() string {
	for _, code := range []string{w.ErrorCode, w.StatusCode, w.OAuthError} {
		if code != "" {
			return code
		}
	}
	return ""
}

func (w wireError) text() string {
	if w.Message != "" {
		return w.Message
	}
	return w.OAuthText
}

// parseErrorBody takes every shape seen: the array, a single object, HTML of a maintenance page, nothing.
func parseErrorBody(header http.Header, body []byte) (first wireError, page bool) {
	var list []wireError
	if json.Unmarshal(body, &list) == nil && len(list) > 0 {
		return list[0], false
	}
	var one wireError
	if json.Unmarshal(body, &one) == nil && one.code()+one.text() != "" {
		return one, false
	}
	content, _, _ := mime.ParseMediaType(header.Get("Content-Type"))
	if page = content == "text/html" || strings.HasPrefix(strings.TrimSpace(string(body)), "<"); page {
		return wireError{Message: htmlTag.ReplaceAllString(string(body), " ")}, true
	}
	return wireError{Message: string(body)}, false
}

// classify makes the *Error of an answer that is not 2xx.
func (c *Client) classify(rq *request, status int, header http.Header, body []byte) *Error {
	wire, page := parseErrorBody(header, body)
	e := c.wireFailure(rq.op, wire)
	e.Status = status
	e.RetryAfter = retryAfter(header, c.now())
	if e.Kind == KindUnknown {
		e.Kind, e.Mend = kindOfStatus(status, page)
	}
	if wire.code() == "REQUEST_LIMIT_EXCEEDED" || wire.code() == "LIMIT_EXCEEDED" {
		e.Kind, e.Mend = KindQuota, "wait, or ask the Salesforce administrator for more API requests a day"
		if concurrent.MatchString(wire.text()) {
			e.Kind, e.Mend = KindConcurrency, ""
		}
	}
	if e.Kind == KindQuota && e.RetryAfter == 0 {
		e.RetryAfter = c.cfg.QuotaRecheck
	}
	// Read-only mode and full bulk quota are better served by REST than by waiting.
	if rq.createsBulk && (refusesBulk[wire.code()] || e.Kind == KindForbidden || wire.code() == "LIMIT_EXCEEDED") {
		e.Kind, e.Mend = KindBulkRefused, "query over REST"
	}
	e.Unsure = !rq.reads && (status >= 500 || status == http.StatusRequestTimeout) && e.Kind != KindReadOnly
	return e
}

// wireFailure classifies by code alone; KindUnknown where the code says nothing.
func (c *Client) wireFailure(op string, wire wireError) *Error {
	known := codeMeaning[wire.code()]
	e := &Error{Op: op, Kind: known.kind, Mend: known.mend, Code: clean(wire.code(), c.secretTexts(), maxCodeBytes)}
	if !quotesData[wire.code()] {
		e.Message = clean(wire.text(), c.secretTexts(), maxMessageBytes)
	}
	for i, field := range wire.Fields {
		if i < 20 && fieldPath.MatchString(field) {
			e.Fields = append(e.Fields, field)
		}
	}
	if found := noSuchColumn.FindStringSubmatch(wire.text()); found != nil && len(e.Fields) == 0 {
		e.Fields = []string{found[1]}
	}
	return e
}

func kindOfStatus(status int, page bool) (Kind, string) {
	switch {
	case status == http.StatusUnauthorized:
		return KindSession, "authorise the Salesforce connection again"
	case status == http.StatusForbidden && page:
		return KindUnavailable, ""
	case status == http.StatusForbidden:
		return KindForbidden, mendPermission
	case status == http.StatusNotFound && !page:
		return KindNotFound, ""
	case status == http.StatusGone || status == http.StatusConflict:
		return KindVersion, mendVersion
	case status == http.StatusRequestURITooLong, status == http.StatusRequestHeaderFieldsTooLarge, status == http.StatusRequestEntityTooLarge:
		return KindTooLarge, "ask for fewer fields in one query"
	case status == http.StatusNotAcceptable, status == http.StatusRequestTimeout, status == 420, status == http.StatusTooManyRequests, status >= 500:
		return KindUnavailable, ""
	case status/100 == 3:
		return KindUnavailable, "the org may have moved: the next token refresh tells its new address"
	case page: // a "setting things up" page under any status
		return KindUnavailable, ""
	case status == http.StatusBadRequest:
		return KindRejected, ""
	}
	return KindUnknown, ""
}
