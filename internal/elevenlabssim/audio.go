package elevenlabssim

import (
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strconv"
)

const (
	frameBytes   = 417 // an MPEG-1 layer III frame at 128 kbit/s and 44.1 kHz
	framesPerSec = 38
)

// silence is an MP3 that players accept: an ID3v2 title, so that recordings differ, then frames without any sound.
func silence(title string, secs int) []byte {
	text := append([]byte{3}, title...) // 3 = UTF-8
	tag := append([]byte("ID3\x04\x00\x00"), syncSafe(len(text)+10)...)
	tag = append(append(tag, "TIT2"...), syncSafe(len(text))...)
	tag = append(append(tag, 0, 0), text...)
	frame := make([]byte, frameBytes)
	binary.BigEndian.PutUint32(frame, 0xfffb9064)
	for range secs * framesPerSec {
		tag = append(tag, frame...)
	}
	return tag
}

// syncSafe is a size as ID3v2.4 writes it: seven bits a byte.
func syncSafe(n int) []byte {
	return []byte{byte(n>>21) & 127, byte(n>>14) & 127, byte(n>>7) & 127, byte(n) & 127}
}

// stream sends audio in pieces without a length, as the provider does.
func stream(w http.ResponseWriter, audio []byte) {
	w.Header().Set("Content-Type", "audio/mpeg")
	rc := http.NewResponseController(w)
	for len(audio) > 0 {
		n := min(len(audio), 4096)
		if _, err := w.Write(audio[:n]); err != nil {
			return // the listener hung up
		}
		_ = rc.Flush() // without support for flushing it goes out in one piece
		audio = audio[n:]
	}
}

func (s *Sim) getAudio(w http.ResponseWriter, r *http.Request, id string) {
	v, ok := s.find(id)
	if !ok {
		errConversation.send(w)
		return
	}
	if !v.hasAudio() {
		errNoAudio.send(w)
		return
	}
	s.sendAudio(w, r, silence(id, s.opt.RecordingSecs), true)
}

var errNoAudio = classic(http.StatusNotFound, "audio_not_found", "No audio found for this conversation")

// sendAudio streams audio, or answers with a fault. The draw depends on the order of requests for audio.
func (s *Sim) sendAudio(w http.ResponseWriter, r *http.Request, audio []byte, recording bool) {
	st := s.faults.Load()
	if !st.hasAudio {
		stream(w, audio)
		return
	}
	seq := s.audioSeq.Add(1) - 1
	hit, _ := st.pick(request{seq: seq - st.audioBase, since: s.opt.Clock().Sub(st.since), fault: share(draw(s.opt.Seed, drawAudio, seq))}, audioModes)
	switch {
	case hit == nil || hit.Mode == "audio_404" && !recording:
		stream(w, audio)
	case hit.Mode == "audio_cut", hit.Mode == "audio_hang":
		s.injected.add(hit.Mode)
		stream(w, audio[:len(audio)/2])
		if hit.Mode == "audio_hang" {
			s.wait(r, st.HangFor)
		}
		panic(http.ErrAbortHandler) // the end is missing: the client must not take half for the whole
	default:
		s.inject(w, r, hit, st, nil)
	}
}

// textToSpeech answers with as much silence as the text would take to say, within bounds, and charges a credit a character.
func (s *Sim) textToSpeech(w http.ResponseWriter, r *http.Request, voice string) {
	buf := bodies.Get().(*readBuffer)
	defer bodies.Put(buf)
	if refused := buf.read(r); refused != nil {
		refused.send(w)
		return
	}
	var body struct {
		Text *string `json:"text"`
	}
	if !json.Valid(buf.b) {
		invalid(malformed(buf.b)).send(w)
		return
	}
	if err := json.Unmarshal(buf.b, &body); err != nil {
		invalid(issue{Type: "string_type", Loc: []any{"body", "text"}, Msg: "Input should be a valid string", Input: raw(buf.b)}).send(w)
		return
	}
	if body.Text == nil {
		invalid(issue{Type: "missing", Loc: []any{"body", "text"}, Msg: "Field required", Input: raw(buf.b)}).send(w)
		return
	}
	if !s.opt.AcceptAnyAgent && !knownVoice(voice) {
		classic(http.StatusBadRequest, "voice_not_found", "A voice with this voice_id was not found.").send(w)
		return
	}
	if !s.charge(int64(len(*body.Text))) {
		errQuota.send(w)
		return
	}
	w.Header().Set("request-id", "req_"+strconv.FormatUint(s.speechSeq.Add(1), 10))
	s.sendAudio(w, r, silence(voice, 1+min(len(*body.Text)/15, 60)), false)
}

// charge books credits unless the subscription does not have them.
func (s *Sim) charge(credits int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.opt.CreditLimit > 0 && s.book.credits+credits > int64(s.opt.CreditLimit) {
		return false
	}
	s.book.credits += credits
	return true
}
