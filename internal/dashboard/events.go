package dashboard

import (
	"bytes"
	"net/http"
	"time"

	"github.com/google/uuid"
)

const (
	// streamLife ends a stream from time to time: the browser connects anew, and its session is looked at again.
	streamLife = 10 * time.Minute
	// writeWithin is how long one event may take on its way; who needs longer is dropped.
	writeWithin = 10 * time.Second
	heartbeat   = 20 * time.Second
)

// topicOf reads ?campaign=, ?salesforce= or ?import=; without one of them it is the live view.
func topicOf(r *http.Request) (topic, error) {
	for _, kind := range []string{kindCampaign, kindSalesforce, kindImport} {
		text := r.URL.Query().Get(kind)
		if text == "" {
			continue
		}
		id, err := uuid.Parse(text)
		if err != nil || id == uuid.Nil {
			return topic{}, badInput{kind + " is not an id"}
		}
		return topic{kind, id}, nil
	}
	return topicNow, nil
}

// events streams the fragments of the live view, or of one campaign, integration or import, as they change.
func (d *Dashboard) events(w http.ResponseWriter, r *http.Request) {
	t, err := topicOf(r)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	reader, leave := d.hub.subscribe(t)
	if reader == nil {
		w.Header().Set("Retry-After", "10")
		http.Error(w, "too many people watch at once; reload the page in a moment", http.StatusServiceUnavailable)
		return
	}
	defer leave()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("X-Accel-Buffering", "no")
	s := stream{w: w, ctl: http.NewResponseController(w)}
	if s.send([]byte("retry: 2000\n\n")) != nil {
		return
	}
	life, beat := time.After(streamLife), time.NewTicker(heartbeat)
	defer beat.Stop()
	for {
		var err error
		select {
		case <-r.Context().Done():
			return
		case <-life:
			return
		case <-beat.C:
			err = s.send([]byte(": still here\n\n"))
		case e, ok := <-reader.events:
			if !ok {
				return
			}
			err = s.send(frame(e))
		}
		if err != nil {
			return // the reader is gone or too slow
		}
	}
}

type stream struct {
	w   http.ResponseWriter
	ctl *http.ResponseController
}

func (s stream) send(data []byte) error {
	// Not every writer has deadlines (tests' recorders have none); a failing write tells the same.
	_ = s.ctl.SetWriteDeadline(time.Now().Add(writeWithin))
	if _, err := s.w.Write(data); err != nil {
		return err
	}
	return s.ctl.Flush()
}

// frame is an event on the wire: each line of the data has its own field.
func frame(e event) []byte {
	var b bytes.Buffer
	b.WriteString("event: " + e.name + "\n")
	for line := range bytes.Lines(e.data) {
		b.WriteString("data: ")
		b.Write(bytes.TrimRight(line, "\r\n"))
		b.WriteByte('\n')
	}
	b.WriteByte('\n')
	return b.Bytes()
}
