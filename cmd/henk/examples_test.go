package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/storetest"
)

// buildExample builds the program of docs/examples/enqueue, which is a module of its own, as app code would be. Its go.mod is
// copied so that the build may bring it up to date with ours; everything it needs is there because we need it.
func buildExample(t *testing.T) string {
	t.Helper()
	const dir = "../../docs/examples/enqueue"
	scratch := t.TempDir()
	for from, to := range map[string]string{dir + "/go.mod": "go.mod", "../../go.sum": "go.sum"} {
		data, err := os.ReadFile(from)
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(scratch, to), data, 0o600))
	}
	program := filepath.Join(scratch, "enqueue")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-mod=mod", "-modfile="+filepath.Join(scratch, "go.mod"), "-o", program, ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-buildvcs=false", "GOWORK=off")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	return program
}

func TestExampleOfAnotherModule(t *testing.T) {
	t.Parallel()
	program := buildExample(t)
	url := storetest.NewURL(t)
	db := storetest.Open(t, url)
	w := storetest.NewWorld(t, db, storetest.Fields{"status": "paused"})
	enqueue := func(args ...string) (string, string, error) {
		cmd := exec.CommandContext(t.Context(), program, args...)
		cmd.Env = database(url)
		var stdout, stderr bytes.Buffer
		cmd.Stdout, cmd.Stderr = &stdout, &stderr
		err := cmd.Run()
		return stdout.String(), stderr.String(), err
	}
	out, errs, err := enqueue(w.Campaign.String())
	require.NoError(t, err, errs)
	require.Regexp(t, `^job \d+\n$`, out)
	out, errs, err = enqueue(w.Campaign.String())
	require.NoError(t, err, errs)
	require.Equal(t, "pending already\n", out)
	_, errs, err = enqueue("6a0f7b0e-5c8e-4c1b-9d57-5a7c3d1f0001")
	require.Error(t, err)
	require.Contains(t, errs, "there is no such campaign")
	_, errs, err = enqueue()
	require.Error(t, err)
	require.Contains(t, errs, "name one campaign")

	var status, kind, id string
	var jobs int
	require.NoError(t, db.QueryRow(t.Context(), "select status::text from campaigns").Scan(&status))
	require.NoError(t, db.QueryRow(t.Context(), "select count(*), min(kind), min(args ->> 'campaign_id') from river.river_job").Scan(&jobs, &kind, &id))
	require.Equal(t, []any{"active", 1, "plan-campaign", w.Campaign.String()}, []any{status, jobs, kind, id})
}
