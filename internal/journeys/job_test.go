package journeys

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/riverqueue/river"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/jobs"
)

// retryJob: a recording could not be noted because the database refused it, and the job was given up. When the cause is
// mended, the operator finds the job among those given up and retries it in River UI.
func retryJob(t *testing.T, w *world) {
	const archived = "select id from conversations where recording_url is not null order by id limit 1"
	eventually(t, "a recording", func() bool { return query[bool](t, w, "select exists ("+archived+")") })
	conversation := query[uuid.UUID](t, w, archived)
	exec := func(sql string, args ...any) {
		t.Helper()
		_, err := w.demo.DB.Exec(t.Context(), sql, args...)
		require.NoError(t, err)
	}
	exec("update conversations set recording_url = null where id = $1", conversation)
	exec(fmt.Sprintf("alter table conversations add constraint full_disk check (id <> '%s' or recording_url is null)", conversation))
	inserted, err := w.demo.Runtime.Client.Insert(t.Context(), jobs.ArchiveRecordingArgs{ConversationID: conversation}, &river.InsertOpts{MaxAttempts: 1})
	require.NoError(t, err)
	state := func(want string) func() bool {
		return func() bool {
			return query[string](t, w, "select state::text from river.river_job where id = $1", inserted.Job.ID) == want
		}
	}
	eventually(t, "the job to be given up", state("discarded"))
	exec("alter table conversations drop constraint full_disk")

	p := w.tab(t)
	p.open("/")
	p.follow("Given up")
	p.waitText("body", "archive-recording")
	p.click(fmt.Sprintf(`a[href*="/jobs/%d"]`, inserted.Job.ID))
	p.waitText("body", "full_disk") // why it failed
	p.press("Retry")
	eventually(t, "the retried job to end well", state("completed"))
	p.waitText("body", "Completed")
	require.True(t, query[bool](t, w, "select recording_url is not null from conversations where id = $1", conversation))
	require.True(t, query[bool](t, w, "select exists (select from henk.audit where actor = $1 and action like '%retry%')", username), "who retried it is on the books")
}
