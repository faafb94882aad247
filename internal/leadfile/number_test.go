package leadfile

import (
	"io"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/phone"
)

// readNumbers returns the numbers, and the lines of the rejected.
func readNumbers(t testing.TB, text string) (numbers []string, rejected []int64, err error) {
	t.Helper()
	n, err := newNumberReader(strings.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	for {
		line, err := n.next()
		if err == io.EOF {
			return numbers, rejected, nil
		}
		if err != nil {
			return numbers, rejected, err
		}
		if line.problem != "" {
			rejected = append(rejected, line.line)
		} else {
			numbers = append(numbers, line.entry.Phone)
		}
	}
}

func TestNumbersInManyShapes(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"3125550100": "+13125550100", "312,5550100": "+13125550100", "13125550100": "+13125550100", "+13125550100": "+13125550100",
		"(312) 555-0100": "+13125550100", "312-555-0100": "+13125550100", "312.555.0100": "+13125550100", "1 (312) 555-0100": "+13125550100",
		"+1 312 555 0100": "+13125550100", "  3125550100\t": "+13125550100", `"312","5550100"`: "+13125550100", "312;5550100": "+13125550100",
		`"3125550100"`: "+13125550100", "312-555-0100 x12": "+13125550100", "Ada Lovelace,3125550100": "+13125550100",
		"3125550100,2024-01-31": "+13125550100", "７３２５５５０１００": "+17325550100", "+44 20 7946 0018": "+442079460018",
		"3795550100": "+13795550100", // an area code that is not assigned today
		"8005550100": "+18005550100",
		"5550100":    "", "312555010": "", "31255501001": "", "1125550100": "", "3121550100": "", "23125550100": "", "1-800-FLOWERS": "",
		"3125550100 3125550101": "", "3125550100,3125550101": "", "234-5678 901": "", "+3125550100": "", "911": "", "2024-01-31": "",
		"312,555-0100": "", "31,25550100": "",
	} {
		numbers, rejected, err := readNumbers(t, text+"\n")
		require.NoError(t, err, text)
		if want == "" {
			if len(rejected) == 0 {
				require.Empty(t, numbers, text)
			}
			continue
		}
		require.Equal(t, []string{want}, numbers, text)
		require.Empty(t, rejected, text)
	}
}

// The fast way and the careful way read the same number wherever both read one.
func FuzzNorthAmericanAgreesWithPhone(f *testing.F) {
	for _, s := range []string{"3125550100", "(312) 555-0100", "+1 312 555 0100", "1-312-555-0100", "312.555.0100", "234-5678 901", "3 1 2 5 5 5 0 1 0 0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		fast := northAmerican(text)
		if fast == "" {
			return
		}
		require.Len(t, fast, 12)
		if n, err := phone.Parse(text, everywhere); err == nil {
			require.Equal(t, n.E164, fast)
		}
	})
}

func TestFormsOfAList(t *testing.T) {
	t.Parallel()
	both := []string{"+13125550100", "+13125550101"}
	for name, text := range map[string]string{
		"plain": "3125550100\n3125550101", "windows": "3125550100\r\n3125550101\r\n", "old mac": "3125550100\r3125550101\r",
		"empty lines": "\n\n3125550100\n \n3125550101\n\n", "title": "Do not call\n3125550100\n3125550101",
		"mark": "\xEF\xBB\xBF3125550100\n3125550101", "federal": "312,5550100\n312,5550101", "federal header": "AreaCode,PhoneNumber\n312,5550100\n312,5550101",
		"csv": "Name,Phone,Reason\n\"Love, Ada\",312-555-0100,asked\nx,(312) 555-0101,", "semicolons": "phone;note\n3125550100;a\n3125550101;b",
		"utf-16": utf16("3125550100\n3125550101"), "utf-16 no mark": utf16("3125550100\n3125550101")[2:],
	} {
		numbers, rejected, err := readNumbers(t, text)
		require.NoError(t, err, name)
		require.Empty(t, rejected, name)
		require.Equal(t, both, numbers, name)
	}
	numbers, rejected, err := readNumbers(t, "3125550100\nnot a number 12345678\n\n3125550101\n"+strings.Repeat("9", 2*maxLine)+"\n3125550102")
	require.NoError(t, err)
	require.Equal(t, append(both, "+13125550102"), numbers)
	require.Equal(t, []int64{2, 5}, rejected)
	for want, texts := range map[error][]string{
		ErrChangeList:    {"3125550100,A,2024-01-31\n", "312,5550100,D\n"},
		ErrNoPhoneColumn: {"first,last\nAda,Lovelace\n"},
		ErrPacked:        {"PK\x03\x04...", "\x1f\x8b..."},
	} {
		for _, text := range texts {
			_, _, err := readNumbers(t, text)
			require.ErrorIs(t, err, want, text)
		}
	}
}

func utf16(text string) string {
	b := []byte{0xFF, 0xFE}
	for _, c := range []byte(text) {
		b = append(b, c, 0)
	}
	return string(b)
}

func TestExpiryOfAnEntry(t *testing.T) {
	t.Parallel()
	n, err := newNumberReader(strings.NewReader("phone,expires,reason\n3125550100,2026-12-31,asked\n3125550101,soon,x\n3125550102,,\n"))
	require.NoError(t, err)
	first, err := n.next()
	require.NoError(t, err)
	require.Equal(t, time.Date(2027, 1, 1, 12, 0, 0, 0, time.UTC), *first.entry.ExpiresAt, "when the day has ended everywhere")
	require.Equal(t, "asked", *first.entry.Reason)
	second, err := n.next()
	require.NoError(t, err)
	require.Nil(t, second.entry.ExpiresAt, "what cannot be read sets nobody free")
	require.Equal(t, "x (expiry not understood: soon)", *second.entry.Reason)
}

func FuzzNumbers(f *testing.F) {
	for _, s := range []string{"3125550100\n312,5550101", "phone,x\n\"312\n", "PK\x03\x04", "\xFF\xFE3\x001\x00", "a,b;c\td|e\n\"\"\"", "\r\r\n\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		numbers, _, _ := readNumbers(t, text)
		for _, n := range numbers {
			require.Regexp(t, `^\+[0-9]{7,15}$`, n)
		}
	})
}
