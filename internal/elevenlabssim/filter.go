package elevenlabssim

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// variableFilter is one dynamic_variable_params entry, name:op:value. An empty value means "not set".
type variableFilter struct {
	name, op, value string
	number          float64 // of the ordering operators
	hash            uint64  // of the value, for attempt_id:eq
}

func (p *params) variableFilter(text string) (f variableFilter) {
	parts := strings.SplitN(text, ":", 3)
	if len(parts) != 3 || parts[0] == "" {
		p.bad("dynamic_variable_params", text, "value_error", "Value error, expected name:op:value")
		return f
	}
	f = variableFilter{name: parts[0], op: parts[1], value: parts[2]}
	switch f.op {
	case "eq":
		f.hash = hashAttempt([]byte(f.value))
	case "neq", "in":
	case "gt", "gte", "lt", "lte":
		number, err := strconv.ParseFloat(f.value, 64)
		if err != nil {
			p.bad("dynamic_variable_params", text, "value_error", "Value error, "+f.op+" needs a number")
		}
		f.number = number
	default:
		p.bad("dynamic_variable_params", text, "value_error", "Value error, operator should be one of eq, neq, gt, gte, lt, lte, in")
	}
	return f
}

func (f *variableFilter) matches(vars []variable) bool {
	v, set := lookup(vars, f.name)
	value := ""
	if set && (v.text || v.val != "null") {
		value = v.plain()
	}
	switch f.op {
	case "eq":
		return value == f.value
	case "neq":
		return value != f.value
	case "in":
		return set && slices.Contains(strings.Split(f.value, "|"), value)
	}
	number, err := strconv.ParseFloat(value, 64)
	if err != nil {
		return false
	}
	order := cmp.Compare(number, f.number)
	return f.op == "gt" && order > 0 || f.op == "gte" && order >= 0 || f.op == "lt" && order < 0 || f.op == "lte" && order <= 0
}

// matches applies the cheap filters first: a search by attempt_id over 100,000 calls unpacks hardly any of them.
func (b *book) matches(q *listQuery, c *call, now time.Time, lag time.Duration) bool {
	secs := c.start / int64(time.Second)
	if c.deleted || secs < q.after || secs > q.before || q.agentID != "" && b.agents[c.agent].ID != q.agentID {
		return false
	}
	if lag > 0 && now.Sub(time.Unix(0, c.start)) < lag {
		return false
	}
	for i := range q.variables {
		if f := &q.variables[i]; f.name == "attempt_id" && f.op == "eq" && c.attempt != 0 && c.attempt != f.hash {
			return false
		}
	}
	st, sc := b.stage(c, now), &scenarios().list[c.scenario]
	if slices.Contains(q.exclude, st.status) || int64(st.talked) < q.minSecs || int64(st.talked) > q.maxSecs {
		return false
	}
	if q.success == "error" && st.status != statusFailed || q.success != "" && q.success != "error" && success(st, sc) != q.success {
		return false
	}
	if q.userID == "" && len(q.variables) == 0 {
		return true
	}
	vars := b.vars.unpack(c.vars)
	if q.userID != "" {
		if user, ok := lookup(vars, keyUser); !ok || user.plain() != q.userID {
			return false
		}
	}
	for i := range q.variables {
		if !q.variables[i].matches(vars) {
			return false
		}
	}
	return true
}
