package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/crm"
	"github.com/callhenk/henk-worker/internal/secret"
	"github.com/callhenk/henk-worker/internal/storage"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// workers must be alive, and serve every queue between them.
func workers(ctx context.Context, o *Options) []Check {
	rows, err := dbsqlc.New().DoctorWorkers(ctx, o.DB)
	if err != nil {
		return unread("workers", err)
	}
	alive, silent := 0, 0
	served, versions := map[string]bool{}, map[string]bool{}
	for _, w := range rows {
		if !w.Alive {
			silent++
			continue
		}
		alive++
		versions[w.Version] = true
		for _, queue := range w.Queues {
			served[queue] = true
		}
	}
	missing := slices.DeleteFunc(slices.Clone(o.Queues), func(queue string) bool { return served[queue] })
	switch {
	case alive == 0:
		return one(fail("workers", "No worker is running: nothing is planned, dialed or synced.", "Start one: `henk worker`, or `henk serve`."))
	case len(missing) > 0:
		return one(fail("workers", fmt.Sprintf("%d run, and none works on: %s.", alive, strings.Join(missing, ", ")), "Start one for them: henk worker --queues "+strings.Join(missing, ",")))
	case len(versions) > 1:
		return one(warn("workers", fmt.Sprintf("%d run, in %d different versions.", alive, len(versions)), "Finish the release: restart those of the older version."))
	case silent > 0:
		return one(warn("workers", fmt.Sprintf("%d run. %d stopped within the last day without signing off; the others took over their work.", alive, silent), "Look at their logs: killed, out of memory, or cut off from the database."))
	}
	return one(ok("workers", fmt.Sprintf("%d run, and every queue is worked on.", alive)))
}

// rules says whether the states' rules that are built in have been reviewed lately.
func rules(_ context.Context, o *Options) []Check {
	pack, now := calltime.CurrentPack(), o.Clock.Local()
	text := fmt.Sprintf("Calling hours: pack %s, reviewed on %s", pack.Version, pack.Reviewed.Format(time.DateOnly))
	if pack.Stale(now) {
		return one(warn("rules", fmt.Sprintf("%s, should have been reviewed by %s.", text, pack.ReviewBy.Format(time.DateOnly)),
			"Update henk. If there is no newer version, have the states' rules reviewed: laws may have changed."))
	}
	return one(ok("rules", fmt.Sprintf("%s, to be reviewed by %s.", text, pack.ReviewBy.Format(time.DateOnly))))
}

// encryption says how the credentials of integrations are kept, and whether the keys here open them. It writes nothing.
func encryption(ctx context.Context, o *Options) []Check {
	if o.Config.Keys == nil {
		n, err := dbsqlc.New().DoctorCredentials(ctx, o.DB)
		switch {
		case err != nil:
			return unread("encryption", err)
		case n.Sealed > 0:
			return one(fail("encryption", fmt.Sprintf("The credentials of %d integrations are sealed, and no key is set here.", n.Sealed), "Set "+secret.Variable+" to the key that sealed them, on every process."))
		case n.Plain > 0:
			return one(warn("encryption", fmt.Sprintf("The credentials of %d integrations are stored as plain text.", n.Plain), "Make a key with `"+secret.Generate+"`, set it as "+secret.Variable+" on every process, then run `henk secrets rotate`."))
		}
		return one(ok("encryption", "There are no credentials to seal. No key is set."))
	}
	results, err := crm.RotateCredentials(ctx, o.DB, o.Config.Keys, true)
	if err != nil {
		return unread("encryption", err)
	}
	n := map[string]int{}
	for _, r := range results {
		n[r.State]++
	}
	switch {
	case n[crm.SecretFailed] > 0:
		return one(fail("encryption", fmt.Sprintf("The credentials of %d integrations cannot be opened with the keys set here.", n[crm.SecretFailed]),
			"Put the key that sealed them into "+secret.PreviousVariable+". `henk secrets rotate --dry-run` names them. A lost key: authorise the connection again."))
	case n[crm.SecretSealed] > 0:
		return one(warn("encryption", fmt.Sprintf("The credentials of %d integrations are not sealed yet.", n[crm.SecretSealed]), "Run `henk secrets rotate`."))
	case n[crm.SecretResealed] > 0:
		return one(warn("encryption", fmt.Sprintf("The credentials of %d integrations are sealed with a previous key.", n[crm.SecretResealed]), "Run `henk secrets rotate`, then take the previous key away."))
	}
	return one(ok("encryption", fmt.Sprintf("Credentials are sealed with key %s.", o.Config.Keys.Current())))
}

// files asks the store for an object that is not there: that shows address, key and bucket, and changes nothing. That a
// directory can be written was shown when it was opened.
func files(ctx context.Context, o *Options) []Check {
	const mend = "Set SUPABASE_URL and SUPABASE_SERVICE_ROLE_KEY with a bucket named audio, or HENK_MEDIA_DIR."
	switch {
	case o.StorageErr != nil:
		return one(fail("storage", sentence(o.StorageErr.Error()), mend))
	case o.Storage == nil:
		return one(warn("storage", "None is set: recordings stay with ElevenLabs, and no speech is made.", mend))
	}
	_, err := o.Storage.Stat(ctx, "doctor/nothing.mp3")
	if err == nil || errors.Is(err, storage.ErrNotFound) {
		return one(ok("storage", "It answers and lets us in."))
	}
	if e := storage.AsError(err); e != nil && e.Kind == storage.Setup {
		return one(fail("storage", sentence(e.Message), mend))
	}
	return one(warn("storage", "It does not answer: "+sentence(err.Error()), "Recordings are archived once it does; look at the storage service."))
}
