package dashboard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"time"

	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// recordingWithin bounds the sending of a recording to a slow listener.
const recordingWithin = 10 * time.Minute

// audioTypes are what a recording may be served as; anything else is a download.
var audioTypes = map[string]string{".mp3": "audio/mpeg", ".wav": "audio/wav", ".ogg": "audio/ogg", ".m4a": "audio/mp4", ".webm": "audio/webm"}

// recordingOf says whether there is something to listen to, and if not why.
func (d *Dashboard) recordingOf(v *conversationView, url, state string) {
	_, ours := d.recordingKey(url)
	switch {
	case ours:
		v.Recording = "/conversations/" + v.ID.String() + "/recording"
	case url != "":
		v.RecordingSays = "The recording is kept by somebody else, where this server cannot reach it."
	case state == "missing":
		v.RecordingSays = "ElevenLabs has no recording of this call."
	case d.Storage == nil:
		v.RecordingSays = "Recordings stay with ElevenLabs: no storage is set (SUPABASE_URL or HENK_MEDIA_DIR)."
	default:
		v.RecordingSays = "There is no recording yet."
	}
}

func (d *Dashboard) recordingKey(url string) (string, bool) {
	if d.Storage == nil || url == "" {
		return "", false
	}
	return d.Storage.Key(url)
}

// recording streams a call's recording out of storage; players ask for ranges of it.
func (d *Dashboard) recording(w http.ResponseWriter, r *http.Request) {
	id, err := pathID(r)
	if err != nil {
		d.fail(w, r, err)
		return
	}
	row, err := dbsqlc.New().DashboardConversation(r.Context(), d.DB, id)
	if err != nil {
		d.fail(w, r, fmt.Errorf("reading the conversation: %w", err))
		return
	}
	key, ok := d.recordingKey(row.RecordingUrl)
	if !ok {
		d.fail(w, r, errGone)
		return
	}
	info, err := d.Storage.Stat(r.Context(), key)
	switch {
	case errors.Is(err, storage.ErrNotFound):
		d.fail(w, r, errGone)
		return
	case err != nil:
		d.fail(w, r, fmt.Errorf("looking for the recording: %w", err))
		return
	}
	object := &object{ctx: r.Context(), store: d.Storage, key: key, size: info.Bytes}
	defer object.Close()
	kind := audioTypes[path.Ext(key)]
	if kind == "" {
		kind = "application/octet-stream"
		w.Header().Set("Content-Disposition", "attachment")
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "private, max-age=3600")
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(recordingWithin))
	http.ServeContent(w, r, "", time.Time{}, object)
}

// object is a stored object as http.ServeContent needs it. Stores know no ranges: what lies before one is read and
// dropped. Nothing is opened before the first read.
type object struct {
	ctx   context.Context
	store storage.Store
	key   string
	size  int64

	at   int64 // where the next read begins
	body io.ReadCloser
	pos  int64 // where body is
}

// Seek moves; it opens nothing.
func (o *object) Seek(offset int64, whence int) (int64, error) {
	switch whence {
	case io.SeekCurrent:
		offset += o.at
	case io.SeekEnd:
		offset += o.size
	}
	if offset < 0 {
		return 0, errors.New("seeking before the beginning")
	}
	o.at = offset
	return offset, nil
}

// Read reads from where Seek went.
func (o *object) Read(p []byte) (int, error) {
	if o.at >= o.size {
		return 0, io.EOF
	}
	if o.body == nil || o.pos > o.at {
		o.Close()
		body, _, err := o.store.Open(o.ctx, o.key)
		if err != nil {
			return 0, fmt.Errorf("opening the recording: %w", err)
		}
		o.body, o.pos = body, 0
	}
	if skip := o.at - o.pos; skip > 0 {
		n, err := io.CopyN(io.Discard, o.body, skip)
		o.pos += n
		if err != nil {
			return 0, fmt.Errorf("reading the recording: %w", err)
		}
	}
	n, err := o.body.Read(p)
	o.at, o.pos = o.at+int64(n), o.pos+int64(n)
	return n, err
}

// Close closes what was opened.
func (o *object) Close() {
	if o.body != nil {
		_ = o.body.Close() // it was only read
		o.body = nil
	}
}
