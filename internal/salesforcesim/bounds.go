package salesforcesim

type taken uint8

const (
	tookNothing taken = iota
	tookStamp
	tookID
)

// take narrows the bounds by one condition, when it is one on SystemModstamp or Id.
func (b *bounds) take(x expr, o *object) taken {
	if stamp, number, ok := keyset(x, o); ok {
		b.low(stamp, number)
		b.stamped = true
		return tookStamp
	}
	c, ok := x.(*comparison)
	if !ok || len(c.steps) > 0 || len(c.vals) != 1 {
		return tookNothing
	}
	switch c.field {
	case fStamp:
		if c.vals[0].k == kindTime && b.takeStamp(c.op, c.vals[0].n) {
			b.stamped = true
			return tookStamp
		}
	case fID:
		if n, ok := parseID(string(c.vals[0].b), o.prefix); ok && b.takeID(c.op, n) {
			b.named = true
			return tookID
		}
	}
	return tookNothing
}

func (b *bounds) takeStamp(op string, t int64) bool {
	switch op {
	case ">":
		b.low(t+1, 0)
	case ">=":
		b.low(t, 0)
	case "<":
		b.high(t)
	case "<=":
		b.high(t + 1)
	case "=":
		b.low(t, 0)
		b.high(t + 1)
	default:
		return false
	}
	return true
}

func (b *bounds) low(stamp int64, number uint64) {
	if stamp > b.lowStamp || stamp == b.lowStamp && number > b.lowNumber {
		b.lowStamp, b.lowNumber = stamp, number
	}
}

func (b *bounds) high(stamp int64) { b.highStamp = min(b.highStamp, stamp) }

func (b *bounds) takeID(op string, n uint64) bool {
	switch op {
	case ">":
		b.idLow = max(b.idLow, n+1)
	case ">=":
		b.idLow = max(b.idLow, n)
	case "<":
		b.idHigh = min(b.idHigh, n)
	case "<=":
		b.idHigh = min(b.idHigh, n+1)
	default:
		return false
	}
	return true
}

// keyset recognises SystemModstamp > T OR (SystemModstamp = T AND Id > 'X'), in any order, and gives the first key after (T, X).
func keyset(x expr, o *object) (stamp int64, number uint64, ok bool) {
	alt, is := x.(*either)
	if !is || len(alt.list) != 2 {
		return 0, 0, false
	}
	later, is := alt.list[0].(*comparison)
	same, isBoth := alt.list[1].(*both)
	if !is || !isBoth {
		later, is = alt.list[1].(*comparison)
		same, isBoth = alt.list[0].(*both)
	}
	if !is || !isBoth || len(same.list) != 2 || !later.on(fStamp, ">") {
		return 0, 0, false
	}
	at, is1 := same.list[0].(*comparison)
	after, is2 := same.list[1].(*comparison)
	if is1 && is2 && at.field == fID {
		at, after = after, at
	}
	if !is1 || !is2 || !at.on(fStamp, "=") || !after.on(fID, ">") || at.vals[0].n != later.vals[0].n {
		return 0, 0, false
	}
	n, ok := parseID(string(after.vals[0].b), o.prefix)
	return later.vals[0].n, n + 1, ok
}

// on reports that the comparison is of that field and operator with a value.
func (c *comparison) on(f int, op string) bool {
	return len(c.steps) == 0 && c.field == f && c.op == op && len(c.vals) == 1 && c.vals[0].k != kindNull
}
