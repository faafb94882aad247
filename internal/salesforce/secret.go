package salesforce

import "log/slog"

// Secret is a text that no formatting, logging or JSON encoding shows. The zero value is the empty text.
type Secret struct {
	// A pointer, because fmt prints the unexported strings of a struct without asking its methods; pointers it prints
	// as addresses.
	text *string
}

// NewSecret wraps a text.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{text: &text}
}

// Reveal gives the text itself.
func (s Secret) Reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// IsZero is true for the empty text.
func (s Secret) IsZero() bool { return s.text == nil }

// Equal compares the texts.
func (s Secret) Equal(other Secret) bool { return s.Reveal() == other.Reveal() }

// String says whether there is a text, and nothing of it.
func (s Secret) String() string {
	if s.text == nil {
		return "(none)"
	}
	return "(set)"
}

// GoString masks %#v too.
func (s Secret) GoString() string { return s.String() }

// LogValue masks slog.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText masks JSON. Who stores tokens calls Reveal.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }
