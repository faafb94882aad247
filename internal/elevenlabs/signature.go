package elevenlabs

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

const (
	defaultPast        = 30 * time.Minute
	defaultFuture      = 5 * time.Minute
	maxSignatureHeader = 1024 // bytes
	maxTimestampDigits = 12
)

// What can be wrong with a signature; VerifySignature wraps one of them.
var (
	ErrSignatureMalformed = errors.New("the ElevenLabs-Signature header is missing or malformed")
	ErrSignatureExpired   = errors.New("the ElevenLabs-Signature timestamp is outside the tolerance")
	ErrSignatureMismatch  = errors.New("the ElevenLabs-Signature does not match the body")
)

// Tolerance bounds the age of a signature, both ends included. Zero means the
// default: 30 minutes past, as in the provider's SDKs, and 5 minutes future,
// which they do not bound.
type Tolerance struct {
	Past   time.Duration
	Future time.Duration
}

// VerifySignature checks the ElevenLabs-Signature header of a webhook against the
// raw body: "t=<unix secs>,v0=<hex hmac>", parts in any order, spaces around them
// allowed, any of several v0 may match. It is stricter than the provider's SDKs.
func VerifySignature(header string, body []byte, secret string, now time.Time, tol Tolerance) error {
	if secret == "" {
		return errors.New("elevenlabs: no webhook secret to check signatures with: set ELEVENLABS_WEBHOOK_SECRET")
	}
	timestamp, candidates, err := parseSignature(header)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil {
		return fmt.Errorf("%w: the timestamp is no number", ErrSignatureMalformed)
	}
	if err := checkAge(now.Sub(time.Unix(seconds, 0)), tol); err != nil {
		return err
	}
	want := []byte(signatureHex(timestamp, body, secret))
	for _, candidate := range candidates {
		if hmac.Equal(want, []byte(candidate)) {
			return nil
		}
	}
	return ErrSignatureMismatch
}

// SignatureHeader signs a body as ElevenLabs does, for simulators and tests.
func SignatureHeader(body []byte, secret string, now time.Time) string {
	timestamp := strconv.FormatInt(now.Unix(), 10)
	return "t=" + timestamp + ",v0=" + signatureHex(timestamp, body, secret)
}

func signatureHex(timestamp string, body []byte, secret string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "."))
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}

// parseSignature gives the one timestamp, as written since it is what was signed,
// and every v0. Parts of other names are passed over: a new scheme may be added.
func parseSignature(header string) (timestamp string, candidates []string, err error) {
	if len(header) > maxSignatureHeader {
		return "", nil, fmt.Errorf("%w: longer than %d bytes", ErrSignatureMalformed, maxSignatureHeader)
	}
	for part := range strings.SplitSeq(header, ",") {
		name, value, _ := strings.Cut(strings.Trim(part, " \t"), "=")
		switch {
		case name == "t" && timestamp != "":
			return "", nil, fmt.Errorf("%w: more than one timestamp", ErrSignatureMalformed)
		case name == "t" && !isTimestamp(value):
			return "", nil, fmt.Errorf("%w: the timestamp is no number", ErrSignatureMalformed)
		case name == "t":
			timestamp = value
		case name == "v0" && value != "":
			candidates = append(candidates, value)
		}
	}
	if timestamp == "" || len(candidates) == 0 {
		return "", nil, fmt.Errorf("%w: it needs both t and v0", ErrSignatureMalformed)
	}
	return timestamp, candidates, nil
}

func isTimestamp(s string) bool {
	return s != "" && len(s) <= maxTimestampDigits && strings.Trim(s, "0123456789") == ""
}

func checkAge(age time.Duration, tol Tolerance) error {
	past, future := tol.Past, tol.Future
	if past <= 0 {
		past = defaultPast
	}
	if future <= 0 {
		future = defaultFuture
	}
	switch {
	case age > past:
		return fmt.Errorf("%w: older than %s", ErrSignatureExpired, past)
	case age < -future:
		return fmt.Errorf("%w: more than %s in the future, check this machine's clock", ErrSignatureExpired, future)
	}
	return nil
}
