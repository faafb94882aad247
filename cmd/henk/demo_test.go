package main

import (
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/demo"
	"github.com/callhenk/henk-worker/internal/doctor"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestLineFitsTheTerminal(t *testing.T) {
	t.Parallel()
	line := "151 synced from Salesforce: Hagåtña"
	require.Equal(t, line, fitted(line, 0), "not known")
	require.Equal(t, line, fitted(line, 80))
	for width := 2; width <= len([]rune(line)); width++ {
		got := []rune(fitted(line, width))
		require.Len(t, got, width-1)
		require.True(t, strings.HasPrefix(line, strings.TrimSuffix(string(got), "…")))
	}
}

// The demo shows what `henk serve` shows: the checks find the simulators, and the simulated org tells its quota.
func TestTheDemosPagesHaveTheDoctorAndTheQuota(t *testing.T) {
	t.Parallel()
	d, err := demo.Start(t.Context(), demo.Options{DatabaseURL: storetest.NewEmptyURL(t), Leads: 10, Seed: 1, Log: storetest.Log(t), Version: "test", Speed: 20, Concurrent: 5})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, d.Close()) })
	o := demoServer(d, "demo", "a password")
	found := map[string]string{}
	for _, c := range o.Doctor(t.Context()) {
		found[c.Name] = c.Status
		require.NotEqual(t, doctor.Fail, c.Status, "%s: %s", c.Name, c.Message)
	}
	for _, name := range []string{"config", "database", "schema", "elevenlabs", "concurrency", "storage"} {
		require.Equal(t, doctor.OK, found[name], name)
	}
	var integration uuid.UUID
	require.NoError(t, d.DB.QueryRow(t.Context(), "select id from integrations where name = 'Salesforce'").Scan(&integration))
	quota, err := o.SalesforceQuota(t.Context(), integration)
	require.NoError(t, err)
	require.EqualValues(t, 100_000, quota.Allowed)
	require.Positive(t, quota.Used)
}
