package crm

import (
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/stretchr/testify/require"
)

func TestZZTime(t *testing.T) {
	if os.Getenv("ZZ") == "" {
		return
	}
	b := setup(t, salesforcesim.Options{Contacts: 75000, Leads: 25000, PlainBodies: true, DailyLimit: 1000000})
	b.cfg.BulkThreshold = 1000
	var mu sync.Mutex
	last := time.Now()
	sum := map[string]time.Duration{}
	prev := ""
	b.cfg.fault = func(p string) error {
		mu.Lock()
		defer mu.Unlock()
		k := prev + "->" + p
		d := time.Since(last)
		sum[k] += d
		if os.Getenv("ZZ") == "2" {
			fmt.Println(k, d)
		}
		last, prev = time.Now(), p
		return nil
	}
	for _, full := range []string{"", "x"} {
		began := time.Now()
		sum = map[string]time.Duration{}
		for {
			res, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration, Full: full})
			require.NoError(t, err)
			if !res.More {
				break
			}
		}
		fmt.Println("TOTAL", time.Since(began), sum)
	}
	began := time.Now()
	_, err := Reconcile(t.Context(), b.db, b.cfg, Request{IntegrationID: b.integration})
	require.NoError(t, err)
	fmt.Println("RECONCILE", time.Since(began))
}
