package main

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// simulate starts a simulator on a free port and returns what it prints, up to the line with its URL.
func simulate(t *testing.T, env []string, last string, args ...string) map[string]string {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cmd := program(ctx, t, env, append([]string{"simulate", "--addr", "127.0.0.1:0"}, args...)...)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	settings := map[string]string{}
	for lines := bufio.NewScanner(out); lines.Scan(); {
		name, value, ok := strings.Cut(lines.Text(), "=")
		require.True(t, ok, lines.Text())
		if settings[name] = value; name == last {
			return settings
		}
	}
	t.Fatal("the simulator ended without its " + last)
	return nil
}

func TestSimulateSalesforce(t *testing.T) {
	t.Parallel()
	s := simulate(t, []string{"SALESFORCE_REFRESH_TOKEN=mine"}, "SALESFORCE_LOGIN_URL", "salesforce", "--hide", "Lead.DoNotCall")
	require.Equal(t, "mine", s["SALESFORCE_REFRESH_TOKEN"])
	client := &http.Client{Timeout: 30 * time.Second}
	token := func(refresh string) (int, map[string]string) {
		res, err := client.PostForm(s["SALESFORCE_LOGIN_URL"]+"/services/oauth2/token", url.Values{"grant_type": {"refresh_token"}, "refresh_token": {refresh},
			"client_id": {s["SALESFORCE_CLIENT_ID"]}, "client_secret": {s["SALESFORCE_CLIENT_SECRET"]}})
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		var m map[string]string
		require.NoError(t, json.NewDecoder(res.Body).Decode(&m))
		return res.StatusCode, m
	}
	status, _ := token("another")
	require.Equal(t, http.StatusBadRequest, status)
	status, m := token("mine")
	require.Equal(t, http.StatusOK, status)
	count := func(soql string) (int, int) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, m["instance_url"]+"/services/data/v66.0/query?q="+url.QueryEscape(soql), nil)
		require.NoError(t, err)
		r.Header.Set("Authorization", "Bearer "+m["access_token"])
		res, err := client.Do(r)
		require.NoError(t, err)
		defer func() { _ = res.Body.Close() }()
		var page struct{ TotalSize int }
		if res.StatusCode == http.StatusOK {
			require.NoError(t, json.NewDecoder(res.Body).Decode(&page))
		}
		return res.StatusCode, page.TotalSize
	}
	status, n := count("SELECT COUNT() FROM Contact")
	require.Equal(t, http.StatusOK, status)
	require.Greater(t, n, 200)
	status, _ = count("SELECT DoNotCall FROM Lead")
	require.Equal(t, http.StatusBadRequest, status)
}

func TestSimulateUsage(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"":                               "name what to simulate: elevenlabs or salesforce",
		"hubspot":                        "name what to simulate: elevenlabs or salesforce",
		"salesforce --records -1":        "--records must be from 0 to 5000000",
		"salesforce --faults 501=5%":     `unknown mode "501"`,
		"salesforce --hide Contact.Nope": `"Contact.Nope" is no field`,
		"salesforce --bulk-delay -1s":    "cannot be below 0",
		"salesforce more":                "more",
		"--seed 2 elevenlabs --speed 0":  "--speed must be above 0",
		"elevenlabs --records 5":         "records",
	} {
		res := henk(t, nil, append([]string{"simulate"}, strings.Fields(args)...)...)
		require.Equal(t, 2, res.code, args)
		require.Contains(t, res.stderr, want, args)
	}
	res := henk(t, nil, "simulate", "salesforce", "--jwt-key", "/nowhere.pem")
	require.Equal(t, 1, res.code)
	require.Contains(t, res.stderr, "reading the JWT key")
	for _, help := range [][]string{{"simulate", "-h"}, {"simulate", "salesforce", "-h"}, {"simulate", "elevenlabs", "-h"}} {
		res := henk(t, nil, help...)
		require.Equal(t, 0, res.code)
		require.Contains(t, res.stdout, "Example: henk simulate")
	}
}
