package metrics

import (
	"context"
	"errors"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// Hook takes in what River measures itself.
func (m *Metrics) Hook() rivertype.Hook {
	return river.HookMetricEmitFunc(func(_ context.Context, params *rivertype.HookMetricEmitParams) {
		switch metric := params.Metric.(type) {
		case *rivertype.JobGetAvailableDurationMetric:
			m.fetchSeconds.WithLabelValues(metric.Queue).Observe(metric.Duration.Seconds())
		case *rivertype.JobGetAvailableCountMetric:
			m.fetchedCount.WithLabelValues(metric.Queue).Observe(float64(metric.Count))
		}
	})
}

// Middleware measures how long jobs run and how they end.
func (m *Metrics) Middleware() rivertype.Middleware {
	return river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
		start, ended := time.Now(), "panic"
		defer func() {
			m.jobs.WithLabelValues(m.words.keep("kind", job.Kind), ended).Observe(time.Since(start).Seconds())
		}()
		err := work(ctx)
		ended = jobResult(err)
		return err
	})
}

func jobResult(err error) string {
	var snooze *river.JobSnoozeError
	var cancel *river.JobCancelError
	switch {
	case err == nil:
		return "ok"
	case errors.As(err, &snooze):
		return "snoozed"
	case errors.As(err, &cancel):
		return "cancelled"
	}
	return "error"
}
