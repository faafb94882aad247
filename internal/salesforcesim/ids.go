package salesforcesim

// Record ids are 15 characters (object prefix, server, a base-62 number) and 3 that encode the case of the first 15. Digits are in
// byte order, so that ids sort like their numbers where bytes are compared, and only there: many differ in case alone.
const (
	idDigits     = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	suffixDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
	idServer     = "Sim"
	idLength     = 18
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

// Purposes keep draws for different questions independent of each other.
const (
	drawRecord = iota + 1
	drawFault
	drawSlow
	drawPage
	drawToken
	drawCursor
)

func appendID(b []byte, prefix string, number uint64) []byte {
	start := len(b)
	b = append(append(b, prefix...), idServer...)
	b = append(b, "000000000"...)
	for i := len(b) - 1; number > 0; i-- {
		b[i] = idDigits[number%62]
		number /= 62
	}
	return appendSuffix(b, start)
}

// appendSuffix adds the three characters that tell which of the 15 before are capitals.
func appendSuffix(b []byte, start int) []byte {
	for group := range 3 {
		bits := 0
		for i := range 5 {
			if c := b[start+5*group+i]; c >= 'A' && c <= 'Z' {
				bits |= 1 << i
			}
		}
		b = append(b, suffixDigits[bits])
	}
	return b
}

func makeID(prefix string, number uint64) string { return string(appendID(nil, prefix, number)) }

// parseID is the inverse of makeID. Ids of 15 characters are taken too, as the API does.
func parseID(id, prefix string) (number uint64, ok bool) {
	if len(id) != 15 && len(id) != idLength || id[:3] != prefix || id[3:6] != idServer {
		return 0, false
	}
	for _, c := range []byte(id[6:15]) {
		digit := uint64(0)
		switch {
		case c >= '0' && c <= '9':
			digit = uint64(c - '0')
		case c >= 'A' && c <= 'Z':
			digit = uint64(c-'A') + 10
		case c >= 'a' && c <= 'z':
			digit = uint64(c-'a') + 36
		default:
			return 0, false
		}
		number = number*62 + digit
	}
	return number, len(id) == 15 || string(appendSuffix([]byte(id[:15]), 0)[15:]) == id[15:]
}
