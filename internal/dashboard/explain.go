package dashboard

import (
	"context"
	"strings"

	"github.com/google/uuid"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// explain says why the lead is called or not.
func (d *Dashboard) explain(ctx context.Context, m *memberView, lead uuid.UUID) error {
	return nil
}

var _ = strings.ToLower
var _ = dbsqlc.New
