// Package clock says what time it is for the calling rules. It imports nothing of ours.
//
// The time is the database's, so that workers on machines with different clocks agree, shifted by a constant that is
// zero in production; the demo shifts to a weekday noon.
package clock

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Clock is the database's clock, shifted.
type Clock struct{ Shift time.Duration }

// At returns a clock that reads about t now.
func At(t time.Time) Clock { return Clock{Shift: time.Until(t)} }

// Queryer is a pool, connection or transaction.
type Queryer interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

// Now reads the clock.
func (c Clock) Now(ctx context.Context, db Queryer) (time.Time, error) {
	var t time.Time
	if err := db.QueryRow(ctx, "select clock_timestamp()").Scan(&t); err != nil {
		return time.Time{}, fmt.Errorf("reading the database's clock: %w", err)
	}
	return t.Add(c.Shift).UTC(), nil
}

// Local is the clock by this process's own time, for what needs no agreement (simulators, displays).
func (c Clock) Local() time.Time { return time.Now().Add(c.Shift).UTC() }
