package phone

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTail(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		"": "", "n/a": "", "123456": "", "1234567": "1234567", "555-1234": "5551234", "2125550123": "2125550123", "+1 (212) 555-0123": "2125550123",
		"212-555-0123 x45": "2125550123", "212-555-0123 EXT 45": "2125550123", "212-555-0123#45": "2125550123", "212-555-0123;ext=45": "2125550123",
		"212-555-0123,45": "2555012345", "x2125550123": "", "Text 2125550123": "", "212 555 0123 or 917 555 0188": "9175550188",
		"+44 20 7946 0123": "2079460123", "٢١٢٥٥٥٠١٢٣": "", "2125550123\nx45": "2125550123", "212\n5550123": "2125550123",
	} {
		require.Equal(t, want, Tail(raw), raw)
	}
}

// sqlTail is the SQL expression, word by word. (?s) because in Postgres a dot matches a newline.
func sqlTail(raw string) string {
	mark, other := regexp.MustCompile(`(?s)(x|ext|#|;).*$`), regexp.MustCompile(`[^0-9]`)
	digits := other.ReplaceAllString(mark.ReplaceAllString(strings.ToLower(raw), ""), "")
	if len(digits) < 7 {
		return ""
	}
	return digits[max(0, len(digits)-10):]
}

func FuzzTail(f *testing.F) {
	for _, s := range []string{"212-555-0123 x45", "Ext 212 555 0123", "#;", "2125550123\n;", "ẌX٣2125550123"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, raw string) { require.Equal(t, sqlTail(raw), Tail(raw)) })
}
