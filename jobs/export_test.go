package jobs

import "context"

// Sweep is one round of what the watch does for dead workers and lost jobs.
func (r *Runtime) Sweep(ctx context.Context) error { return r.sweep(ctx) }
