package salesforce

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Errors as the wire shows them. action: how often it is sent.
func TestErrorMeanings(t *testing.T) {
	t.Parallel()
	const column = "\nSELECT Id, DoNotCall FROM Lead\n           ^\nERROR at Row:1:Column:12\nNo such column 'DoNotCall' on entity 'Lead'. If you are attempting to use a custom field, be sure to append the '__c'."
	for name, test := range map[string]struct {
		status   int
		body     string
		kind     Kind
		requests int
		want     string
	}{
		"field":          {400, fmt.Sprintf(`[{"message":%q,"errorCode":"INVALID_FIELD"}]`, column), KindField, 1, "DoNotCall"},
		"type":           {400, `[{"message":"sObject type 'Leed' is not supported.","errorCode":"INVALID_TYPE"}]`, KindType, 1, "Leed"},
		"query":          {400, `[{"message":"unexpected token","errorCode":"MALFORMED_QUERY"}]`, KindQuery, 1, "correct the query"},
		"query timeout":  {400, `[{"message":"Your query request was running for too long.","errorCode":"QUERY_TIMEOUT"}]`, KindQueryTimeout, 1, "smaller time range"},
		"locator":        {400, `[{"message":"invalid query locator","errorCode":"INVALID_QUERY_LOCATOR"}]`, KindLocatorGone, 1, "locator"},
		"daily":          {403, `[{"message":"TotalRequests Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, KindQuota, 1, "TotalRequests"},
		"concurrent":     {403, `[{"message":"ConcurrentPerOrgLongTxn Limit exceeded.","errorCode":"REQUEST_LIMIT_EXCEEDED"}]`, KindConcurrency, 4, ""},
		"API disabled":   {403, `[{"message":"The REST API is not enabled for this Organization.","errorCode":"API_DISABLED_FOR_ORG"}]`, KindForbidden, 1, "API access"},
		"permission":     {403, `[{"message":"no","errorCode":"INSUFFICIENT_ACCESS"}]`, KindForbidden, 1, "permission"},
		"unknown 403":    {403, `[{"message":"no","errorCode":"NEVER_HEARD_OF"}]`, KindForbidden, 1, "NEVER_HEARD_OF"},
		"maintenance":    {503, "<html><head><style>b{}</style></head><body>We are <b>down</b> for maintenance</body></html>", KindUnavailable, 4, "down for maintenance"},
		"HTML 420":       {420, "", KindUnavailable, 4, "420"},
		"406":            {406, "", KindUnavailable, 4, ""},
		"read-only":      {500, `[{"message":"read only","errorCode":"INSERT_UPDATE_DELETE_NOT_ALLOWED_DURING_MAINTENANCE"}]`, KindReadOnly, 1, ""},
		"500":            {500, `[{"message":"An unexpected error occurred. Please include this ErrorId","errorCode":"UNKNOWN_EXCEPTION"}]`, KindUnavailable, 4, ""},
		"too long":       {414, "<h1>Bad Message 414</h1>", KindTooLarge, 1, "fewer fields"},
		"headers":        {431, "", KindTooLarge, 1, "fewer fields"},
		"retired":        {410, `[{"message":"no","errorCode":"UNSUPPORTED_API_VERSION"}]`, KindVersion, 1, "apiVersion"},
		"not found":      {404, `[{"message":"The requested resource does not exist","errorCode":"NOT_FOUND"}]`, KindNotFound, 1, ""},
		"404 page":       {404, "<html>setting things up</html>", KindUnavailable, 4, ""},
		"object shape":   {400, `{"message":"m","errorCode":"MALFORMED_QUERY"}`, KindQuery, 1, ""},
		"other 400":      {400, `[{"message":"m","errorCode":"NEVER_HEARD_OF"}]`, KindRejected, 1, ""},
		"teapot":         {418, ``, KindUnknown, 1, ""},
		"redirect, same": {302, ``, KindUnavailable, 5, "moved"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := newOrg(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
				if strings.HasPrefix(test.body, "<") {
					w.Header().Set("Content-Type", "text/html")
				}
				w.WriteHeader(test.status)
				fmt.Fprint(w, test.body)
			})
			_, err := o.client(nil).Query(t.Context(), "SELECT Id FROM Lead", mustFields(t, "Id"), nothing)
			e := AsError(err)
			require.NotNil(t, e, "%v", err)
			require.Equal(t, test.kind.String(), e.Kind.String(), "%v", err)
			require.Equal(t, test.status, e.Status)
			require.Contains(t, err.Error(), test.want)
			require.NotContains(t, err.Error(), "<b>")
			require.False(t, e.Unsure)
			_, requests := o.counts()
			require.Equal(t, test.requests, requests)
			if name == "field" {
				require.Equal(t, []string{"DoNotCall"}, e.Fields)
			}
		})
	}
}
