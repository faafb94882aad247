package elevenlabssim

import (
	"encoding/hex"
	"strconv"
)

// callID identifies a call: 128 bits drawn from the seed, the number and the attempt's ordinal.
type callID [16]byte

const (
	conversationPrefix = "conv_"
	base32Digits       = "0123456789abcdefghjkmnpqrstvwxyz"
	callIDDigits       = 26 // ceil(128/5)
)

// mix64 is the finalizer of splitmix64: every input bit reaches every output bit.
func mix64(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// draw hashes the seed with the parts into a uniform 64-bit value.
func draw(seed int64, parts ...uint64) uint64 {
	h := mix64(uint64(seed) + 0x9e3779b97f4a7c15)
	for _, p := range parts {
		h = mix64(h + 0x9e3779b97f4a7c15 ^ mix64(p+0x632be59bd9b4e019))
	}
	return h
}

// share turns a draw into a number in [0, 1).
func share(h uint64) float64 { return float64(h>>11) / (1 << 53) }

// Purposes keep draws for different questions about the same call independent of each other.
const (
	drawIDHigh = iota + 1
	drawIDLow
	drawScenario
	drawFault
	drawSlow
	drawWebhook
	drawGet
	drawGetSlow
	drawAudio
)

func newCallID(seed int64, to uint64, ordinal uint32) (id callID) {
	high, low := draw(seed, drawIDHigh, to, uint64(ordinal)), draw(seed, drawIDLow, to, uint64(ordinal))
	for i := range 8 {
		id[i], id[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
	}
	return id
}

// words gives the id back as two integers, for further draws.
func (id callID) words() (high, low uint64) {
	for i := range 8 {
		high, low = high<<8|uint64(id[i]), low<<8|uint64(id[8+i])
	}
	return high, low
}

func (id callID) appendConversation(b []byte) []byte {
	b = append(b, conversationPrefix...)
	high, low := id.words()
	for i := range callIDDigits {
		shift := 5 * (callIDDigits - 1 - i)
		var v uint64
		if shift >= 64 {
			v = high >> (shift - 64)
		} else {
			v = low>>shift | high<<(64-shift)
		}
		b = append(b, base32Digits[v&31])
	}
	return b
}

func (id callID) conversation() string { return string(id.appendConversation(nil)) }

// sid is the carrier's id of the call: the kind ("CA" call, "MZ" media stream, "SCL_" SIP) and 32 hex digits.
func (id callID) sid(kind string) string { return kind + hex.EncodeToString(id[:]) }

// parseConversation is the inverse of conversation; false for anything it would not write.
func parseConversation(text string) (id callID, ok bool) {
	if len(text) != len(conversationPrefix)+callIDDigits || text[:len(conversationPrefix)] != conversationPrefix {
		return id, false
	}
	var high, low uint64
	for _, c := range []byte(text[len(conversationPrefix):]) {
		digit := -1
		for d := range len(base32Digits) {
			if base32Digits[d] == c {
				digit = d
			}
		}
		if digit < 0 {
			return id, false
		}
		high, low = high<<5|low>>59, low<<5|uint64(digit)
	}
	for i := range 8 {
		id[i], id[8+i] = byte(high>>(56-8*i)), byte(low>>(56-8*i))
	}
	return id, id.conversation() == text
}

// parseNumber reads an E.164 number as an integer.
func parseNumber(text []byte) (uint64, bool) {
	if len(text) < 8 || len(text) > 16 || text[0] != '+' || text[1] == '0' {
		return 0, false
	}
	var n uint64
	for _, c := range text[1:] {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + uint64(c-'0')
	}
	return n, true
}

func formatNumber(n uint64) string { return "+" + strconv.FormatUint(n, 10) }
