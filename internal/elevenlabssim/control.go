package elevenlabssim

import "net/http"

// The control surface lets a black-box test ask the simulator what it saw and change its faults. It is no part of the provider's API.

func (s *Sim) controlRings(w http.ResponseWriter, _ *http.Request, _ string) {
	sendValue(w, map[string]any{"rings": s.Rings()})
}

func (s *Sim) controlStats(w http.ResponseWriter, _ *http.Request, _ string) {
	sendValue(w, s.Stats())
}

// controlFaults takes a fault list as plain text, as ParseFaults reads it.
func (s *Sim) controlFaults(w http.ResponseWriter, r *http.Request, _ string) {
	var buf readBuffer
	if refused := buf.read(r); refused != nil {
		refused.send(w)
		return
	}
	f, err := ParseFaults(string(buf.b))
	if err != nil {
		classic(http.StatusBadRequest, "invalid_faults", err.Error()).send(w)
		return
	}
	s.SetFaults(f)
	sendJSON(w, []byte(`{"ok":true}`))
}

func (s *Sim) controlReset(w http.ResponseWriter, _ *http.Request, _ string) {
	s.Reset()
	sendJSON(w, []byte(`{"ok":true}`))
}
