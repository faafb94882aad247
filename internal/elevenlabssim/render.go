package elevenlabssim

import (
	"strconv"
	"strings"
	"time"
)

// view is a call with everything needed to render it, taken under the lock.
type view struct {
	call
	stage
	times schedule
	sc    *Scenario
	agent Agent
	phone PhoneNumber
	vars  []variable
}

func (b *book) view(c *call, now time.Time) view {
	return view{
		call: *c, stage: b.stage(c, now), times: b.times(c), sc: &scenarios().list[c.scenario],
		agent: b.agents[c.agent], phone: b.phones[c.phone], vars: b.vars.unpack(c.vars),
	}
}

// said is how many messages have been spoken so far.
func (v *stage) said(sc *Scenario) int {
	n := 0
	for n < len(sc.Messages) && (v.ended || sc.Messages[n].AtSecs < v.talked) {
		n++
	}
	return n
}

func (v *view) hasAudio() bool { return v.final && v.sc.connects() }

// success is the verdict of the provider's analysis, which exists only when the call is final.
func success(st stage, sc *Scenario) string {
	switch {
	case !st.final:
		return "unknown"
	case !sc.connects():
		return "failure"
	}
	return sc.Successful
}

// appendConversation renders the body of GET conversation, which is also the data of its webhook.
func (v *view) appendConversation(b []byte) []byte {
	b = appendQuoted(append(b, `{"agent_id":`...), v.agent.ID)
	b = appendQuoted(append(b, `,"agent_name":`...), v.agent.Name)
	b = v.id.appendConversation(append(b, `,"conversation_id":"`...))
	b = append(append(b, `","status":"`...), v.status...)
	b = append(b, `","user_id":`...)
	b = v.appendUser(b)
	b = append(b, `,"branch_id":null,"version_id":null,"environment":null,"conversation_product":null,"tag_ids":[],"visited_agents":[],"transcript":[`...)
	for i := range v.said(v.sc) {
		if i > 0 {
			b = append(b, ',')
		}
		b = v.appendMessage(b, v.sc.json[i])
	}
	b = v.appendMetadata(append(b, `],"metadata":`...))
	b = v.appendAnalysis(append(b, `,"analysis":`...))
	b = v.appendInitiation(append(b, `,"conversation_initiation_client_data":`...))
	for _, name := range [...]string{"has_audio", "has_user_audio", "has_response_audio"} {
		b = strconv.AppendBool(append(append(append(b, `,"`...), name...), `":`...), v.hasAudio())
	}
	return append(b, `,"has_auxiliary_audio":false}`...)
}

func (v *view) appendUser(b []byte) []byte {
	if user, ok := lookup(v.vars, keyUser); ok {
		return append(append(append(b, '"'), user.val...), '"')
	}
	return append(b, "null"...)
}

func (v *view) appendMessage(b []byte, t template) []byte {
	for _, p := range t {
		b = append(b, p.text...)
		if p.key == "" {
			continue
		}
		if p.key == holeAgentID {
			id := quoted(v.agent.ID)
			b = append(b, id[1:len(id)-1]...)
		} else if value, ok := lookup(v.vars, p.key); ok && value.text && value.val != "" {
			b = append(b, value.val...) // still escaped as it came
		} else {
			b = append(b, fallbacks[p.key]...)
		}
	}
	return b
}

func (v *view) appendMetadata(b []byte) []byte {
	started := v.start / int64(time.Second)
	b = strconv.AppendInt(append(b, `{"start_time_unix_secs":`...), started, 10)
	b = append(b, `,"accepted_time_unix_secs":`...)
	if v.talked > 0 {
		b = strconv.AppendInt(b, started+int64(v.ring), 10)
	} else {
		b = append(b, "null"...)
	}
	b = strconv.AppendInt(append(b, `,"call_duration_secs":`...), int64(v.talked), 10)
	b = append(b, `,"queue_wait_secs":null,"cost":`...)
	if credits := v.sc.credits(); v.final {
		b = strconv.AppendInt(b, int64(credits), 10)
		b = strconv.AppendFloat(append(b, `,"cost_fiat":`...), float64(credits)*0.00022, 'f', 4, 64)
	} else {
		b = append(b, `null,"cost_fiat":null`...)
	}
	b = append(b, `,"termination_reason":`...)
	if v.ended && !v.sc.Stuck {
		b = appendQuoted(b, v.sc.TerminationReason)
	} else {
		b = append(b, `""`...)
	}
	b = append(b, `,"error":`...)
	if v.final && v.sc.CallResult == "failed" {
		b = append(b, `{"code":404,"reason":"The carrier could not complete the call"}`...)
	} else {
		b = append(b, "null"...)
	}
	b = append(append(b, `,"warnings":[],"main_language":"`...), v.sc.Language...)
	b = append(append(b, `","authorization_method":"authorization_header","conversation_initiation_source":"`...), v.phone.source()...)
	b = append(b, `","timezone":null,"initiator_id":null,"text_only":false,"feedback":{"overall_score":null,"likes":0,"dislikes":0},`...)
	b = append(b, `"charging":{"dev_discount":false,"is_burst":false,"tier":"pro"},"batch_call":null,"whatsapp":null,"phone_call":`...)
	return append(v.appendPhoneCall(b), '}')
}

func (v *view) appendPhoneCall(b []byte) []byte {
	b = append(append(b, `{"type":"`...), v.phone.callType()...)
	b = appendQuoted(append(b, `","direction":"outbound","phone_number_id":`...), v.phone.ID)
	b = appendQuoted(append(b, `,"agent_number":`...), v.phone.Number)
	b = append(append(b, `,"external_number":"`...), formatNumber(v.to)...)
	if v.phone.Provider == providerSIP {
		b = append(append(b, `","call_sid":"`...), v.id.sid("SCL_")...)
	} else {
		b = append(append(b, `","call_sid":"`...), v.id.sid("CA")...)
		b = append(append(b, `","stream_sid":"`...), v.id.sid("MZ")...)
	}
	if v.ended && !v.sc.Stuck {
		return append(append(append(b, `","call_result":"`...), v.sc.CallResult...), `"}`...)
	}
	return append(b, `","call_result":null}`...)
}

// appendAnalysis is null until the call is done: the provider computes it afterwards.
func (v *view) appendAnalysis(b []byte) []byte {
	if v.status != statusDone {
		return append(b, "null"...)
	}
	b = append(append(b, `{"call_successful":"`...), v.sc.Successful...)
	b = appendQuoted(append(b, `","transcript_summary":`...), v.sc.Summary)
	return append(b, `,"call_summary_title":"Donor call","evaluation_criteria_results":{},"evaluation_criteria_results_list":[],"data_collection_results":{},"data_collection_results_list":[]}`...)
}

func (v *view) appendInitiation(b []byte) []byte {
	b = append(b, '{')
	if extra, ok := lookup(v.vars, keyExtra); ok {
		b = append(append(b, extra.val[1:len(extra.val)-1]...), ',')
	}
	b = v.appendUser(append(b, `"user_id":`...))
	b = append(b, `,"dynamic_variables":{`...)
	for _, d := range v.vars {
		if !strings.HasPrefix(d.key, "\x00") && !strings.HasPrefix(d.key, reservedPrefix) {
			b = append(d.append(b), ',')
		}
	}
	b = appendQuoted(append(b, `"system__agent_id":`...), v.agent.ID)
	b = v.id.appendConversation(append(b, `,"system__conversation_id":"`...))
	b = append(append(b, `","system__called_number":"`...), formatNumber(v.to)...)
	b = append(append(b, `","system__call_sid":"`...), v.id.sid("CA")...)
	b = strconv.AppendInt(append(b, `","system__call_duration_secs":`...), int64(v.talked), 10)
	b = append(time.Unix(0, v.start).UTC().AppendFormat(append(b, `,"system__time_utc":"`...), time.RFC3339), '"')
	return append(b, `}}`...)
}

// reservedPrefix marks variables of the platform; what a client sends under such a name is not echoed.
const reservedPrefix = "system__"

func (p PhoneNumber) source() string {
	if p.Provider == providerSIP {
		return "sip_trunk"
	}
	return p.Provider
}

// callType is the provider's name in a conversation, which differs from the one everywhere else.
func (p PhoneNumber) callType() string {
	if p.Provider == providerSIP {
		return "sip_trunking"
	}
	return p.Provider
}
