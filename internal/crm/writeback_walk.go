package crm

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

const (
	walkBatch = 5000           // calls or people of one step
	walkEvery = 24 * time.Hour // a call that nobody noted, however that came about, is found within a day
)

// WalkWriteBacks notes what is to be written and was not noted with the call: the calls from before write-back was
// enabled (WriteBackSettings.Since), and the people who opted out in any other way. A step of it, to be called every
// minute or so; it returns the integrations of which something is due now.
func WalkWriteBacks(ctx context.Context, tx pgx.Tx) ([]uuid.UUID, error) {
	q := dbsqlc.New()
	enabled, err := q.WriteBackEnabled(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("listing integrations with write-back: %w", err)
	}
	if len(enabled) == 0 {
		return nil, nil
	}
	for i := range enabled {
		if err := walk(ctx, tx, &enabled[i]); err != nil {
			return nil, err
		}
	}
	ids, err := q.WriteBackIntegrations(ctx, tx)
	if err != nil {
		return nil, fmt.Errorf("looking for what is due to be written: %w", err)
	}
	return ids, nil
}

func walk(ctx context.Context, tx pgx.Tx, i *dbsqlc.WriteBackEnabledRow) error {
	var config struct {
		WriteBack json.RawMessage `json:"writeBack"`
	}
	if json.Unmarshal(i.Config, &config) != nil {
		return nil // said where it is opened
	}
	settings, err := readWriteBack(config.WriteBack)
	if err != nil || !settings.Enabled {
		return nil // likewise
	}
	q := dbsqlc.New()
	if settings.optOuts() {
		_, err := q.WriteBackWalkOptOuts(ctx, tx, dbsqlc.WriteBackWalkOptOutsParams{IntegrationID: i.ID, BusinessID: i.BusinessID, Batch: walkBatch})
		if err != nil {
			return fmt.Errorf("looking for opt-outs to write: %w", err)
		}
	}
	sum := sha256.Sum256([]byte(settings.Since))
	digest := hex.EncodeToString(sum[:8])
	if digest == i.Settings && i.WalkedAt != nil && i.Now.Sub(*i.WalkedAt) < walkEvery {
		return nil
	}
	n, err := q.WriteBackWalkCalls(ctx, tx, dbsqlc.WriteBackWalkCallsParams{IntegrationID: i.ID, BusinessID: i.BusinessID,
		Since: settings.from(i.Now), Batch: walkBatch})
	if err != nil {
		return fmt.Errorf("looking for calls to write: %w", err)
	}
	if n == walkBatch {
		return nil // more in the next step
	}
	if err := q.WriteBackWalked(ctx, tx, dbsqlc.WriteBackWalkedParams{IntegrationID: i.ID, Settings: digest}); err != nil {
		return fmt.Errorf("noting that older calls were looked through: %w", err)
	}
	return nil
}
