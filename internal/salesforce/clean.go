package salesforce

import (
	"errors"
	"net"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxMessageBytes = 500
	maxCodeBytes    = 80
)

var (
	htmlTag   = regexp.MustCompile(`(?is)<(?:script|style)\b.*?</(?:script|style)>|<[^>]*>`)
	tokenForm = regexp.MustCompile(`\b00D[A-Za-z0-9]{12,15}![^\s"'<>]+|\b5Aep[A-Za-z0-9._!-]{8,}|\beyJ[A-Za-z0-9_-]{6,}\.[^\s"'<>]+`)
	emailForm = regexp.MustCompile(`[^\s"'<>(),;:@]+@[^\s"'<>(),;:@]+`)
	// A run of 7 or more digits with phone punctuation may be a phone number. Letters beside it are taken in, so that
	// ids can be told apart: they have letters and digits mixed.
	numberForm = regexp.MustCompile(`[A-Za-z0-9_]*\+?\(?\d(?:[\s().\-/\x{2010}-\x{2015}]*\d){6,}[A-Za-z0-9_]*`)
	idForm     = regexp.MustCompile(`^[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?$`)
)

// clean makes foreign text fit for an error or a log: valid UTF-8 on one line, no secret, no token, no phone number or
// e-mail address, at most max bytes.
func clean(text string, secrets []string, max int) string {
	if len(text) > 64<<10 {
		text = text[:64<<10]
	}
	text = strings.ToValidUTF8(text, "\uFFFD")
	// Invisible characters become spaces before anything is searched for: dropping them later could put a secret or a
	// number together again.
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Zs) {
			return ' '
		}
		return r
	}, text)
	text = strings.Join(strings.Fields(text), " ")
	for _, secret := range secrets {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "[secret]")
		}
	}
	text = tokenForm.ReplaceAllString(text, "[token]")
	text = emailForm.ReplaceAllString(text, "[email]")
	text = numberForm.ReplaceAllStringFunc(text, func(run string) string {
		if isID(run) && strings.IndexFunc(run, unicode.IsLetter) >= 0 {
			return run
		}
		return "[number]"
	})
	return cut(text, max)
}

// cut shortens s to max bytes without splitting a character.
func cut(s string, max int) string {
	if len(s) <= max {
		return s
	}
	const dots = "..."
	end := max - len(dots)
	for end > 0 && !utf8.RuneStart(s[end]) {
		end--
	}
	return s[:end] + dots
}

// describe gives the text of a network error without addresses, which say nothing that helps, and without the URL,
// which holds the query.
func describe(err error) string {
	if op, ok := errors.AsType[*net.OpError](err); ok && op.Err != nil {
		return op.Op + ": " + op.Err.Error()
	}
	if wrapped, ok := errors.AsType[*url.Error](err); ok && wrapped.Err != nil {
		return wrapped.Err.Error()
	}
	return err.Error()
}

// cleanCause hides the text of an error, which may quote what the server sent, but not its identity.
type cleanCause struct {
	text string
	err  error
}

func (c *cleanCause) Error() string        { return c.text }
func (c *cleanCause) GoString() string     { return c.text }
func (c *cleanCause) Is(target error) bool { return errors.Is(c.err, target) }
func (c *cleanCause) As(target any) bool   { return errors.As(c.err, target) }
