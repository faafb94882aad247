package elevenlabssim

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"time"
)

// What an event is about.
const (
	eventTranscription = "post_call_transcription"
	eventAudio         = "post_call_audio"
	eventFailure       = "call_initiation_failure"
)

// Questions that are drawn apart for each call.
const (
	askEarly = iota
	askNever
	askDuplicate
)

// event is one webhook to deliver.
type event struct {
	due   int64 // unix nanoseconds by the simulator's clock
	id    callID
	kind  string
	tries int
}

// eventsOf lists the webhooks of a call. The Sim's lock is held.
func (s *Sim) eventsOf(c *call, st *faultState) []event {
	if s.courier == nil || st.drawn(st.Webhook.Never, s.opt.Seed, c.id, askNever) || scenarios().list[c.scenario].Stuck {
		return nil
	}
	t := s.book.times(c)
	list := []event{{due: t.ended, id: c.id, kind: eventFailure}}
	if scenarios().list[c.scenario].connects() {
		list = []event{{due: t.final, id: c.id, kind: eventTranscription}}
		if st.Webhook.Audio {
			list = append(list, event{due: t.final, id: c.id, kind: eventAudio})
		}
	}
	if st.drawn(st.Webhook.Duplicate, s.opt.Seed, c.id, askDuplicate) {
		list = append(list, list[0])
	}
	return list
}

// sign is the value of the ElevenLabs-Signature header.
func sign(secret string, unix int64, body []byte) string {
	t := strconv.FormatInt(unix, 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(t + "."))
	mac.Write(body)
	return "t=" + t + ",v0=" + hex.EncodeToString(mac.Sum(nil))
}

// eventBody renders an event; false when its call is gone.
func (s *Sim) eventBody(e event, now time.Time) ([]byte, bool) {
	s.mu.RLock()
	i, ok := s.book.byID[e.id]
	if !ok || s.book.at(i).deleted {
		s.mu.RUnlock()
		return nil, false
	}
	v := s.book.view(s.book.at(i), now)
	s.mu.RUnlock()
	b := append(append(make([]byte, 0, 4096), `{"type":"`...), e.kind...)
	b = strconv.AppendInt(append(b, `","event_timestamp":`...), now.Unix(), 10)
	b = append(b, `,"data":`...)
	switch e.kind {
	case eventTranscription:
		b = v.appendConversation(b)
	case eventAudio:
		b = appendQuoted(append(b, `{"agent_id":`...), v.agent.ID)
		b = v.id.appendConversation(append(b, `,"conversation_id":"`...))
		b = base64.StdEncoding.AppendEncode(append(b, `","full_audio":"`...), silence(v.id.conversation(), s.opt.RecordingSecs))
		b = append(b, `"}`...)
	default:
		b = v.appendFailure(b, now)
	}
	return append(b, '}'), true
}

// appendFailure renders the data of call_initiation_failure, which carries no dynamic variables.
func (v *view) appendFailure(b []byte, now time.Time) []byte {
	reason, status, sip := "unknown", "failed", "404"
	switch v.sc.CallResult {
	case "busy":
		reason, status, sip = "busy", "busy", "486"
	case "no_answer":
		reason, status, sip = "no-answer", "no-answer", "480"
	}
	b = appendQuoted(append(b, `{"agent_id":`...), v.agent.ID)
	b = v.id.appendConversation(append(b, `,"conversation_id":"`...))
	b = append(append(b, `","failure_reason":"`...), reason...)
	if v.phone.Provider == providerSIP {
		b = appendQuoted(append(b, `","metadata":{"type":"sip","body":{"from_number":`...), v.phone.Number)
		b = append(append(b, `,"to_number":"`...), formatNumber(v.to)...)
		b = append(append(b, `","sip_status_code":`...), sip...)
		return append(append(append(append(append(b, `,"error_reason":"`...), status...), `","call_sid":"`...), v.id.sid("SCL_")...), `"}}}`...)
	}
	b = append(append(b, `","metadata":{"type":"twilio","body":{"CallSid":"`...), v.id.sid("CA")...)
	b = append(append(b, `","CallStatus":"`...), status...)
	b = append(append(b, `","SipResponseCode":"`...), sip...)
	b = append(append(b, `","To":"`...), formatNumber(v.to)...)
	b = appendQuoted(append(b, `","From":`...), v.phone.Number)
	b = append(b, `,"Direction":"outbound-api","Duration":"0","CallbackSource":"call-progress-events","AccountSid":"AC00000000000000000000000000000000","Timestamp":"`...)
	return append(now.UTC().AppendFormat(b, time.RFC1123Z), `"}}}`...)
}
