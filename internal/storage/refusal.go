package storage

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// refused tells what an answer other than a success means. Supabase Storage answers most errors with 400 and names the
// status that it means in the body: {"statusCode":"404","error":"not_found","message":"Object not found"}; newer
// versions add a code such as NoSuchBucket.
func refused(op string, status int, body []byte) error {
	var said struct {
		StatusCode json.RawMessage `json:"statusCode"` // a string; a number in some versions
		Error      string          `json:"error"`
		Code       string          `json:"code"`
		Message    string          `json:"message"`
	}
	if json.Unmarshal(body, &said) == nil {
		if n, err := strconv.Atoi(strings.Trim(string(said.StatusCode), `"`)); err == nil && n >= 400 && n < 600 {
			status = n
		}
	}
	e := &Error{Op: op, Status: status, Message: cut(said.Message)}
	if e.Message == "" {
		e.Message = http.StatusText(status)
	}
	words := strings.ToLower(said.Code + " " + said.Error + " " + said.Message)
	bucket := strings.Contains(words, "nosuchbucket") || strings.Contains(words, "bucket not found")
	switch {
	case bucket:
		e.Kind = Setup
		e.Message += "; create the bucket in the project's Storage"
	case strings.Contains(words, "invalidjwt"), strings.Contains(words, "jwt expired"), strings.Contains(words, "jws "),
		status == http.StatusUnauthorized, status == http.StatusForbidden:
		e.Kind = Setup
		e.Message += "; check SUPABASE_SERVICE_ROLE_KEY and SUPABASE_URL"
	case status == http.StatusNotFound && op != "put":
		return fmt.Errorf("storage: %s: %w", op, ErrNotFound)
	case status/100 == 3, status == http.StatusNotFound, status == http.StatusMethodNotAllowed:
		e.Kind = Setup
		e.Message += "; check SUPABASE_URL"
	case status == http.StatusRequestEntityTooLarge:
		e.Kind = Permanent
		e.Message += "; raise the bucket's or the project's upload limit, then try again"
	case status == http.StatusConflict:
		e.Kind = Temporary // another upload of the same object
	case status == http.StatusBadRequest, status == http.StatusUnsupportedMediaType, status == http.StatusUnprocessableEntity:
		e.Kind = Permanent
	}
	return e
}
