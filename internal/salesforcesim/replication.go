package salesforcesim

import (
	"net/http"
	"time"
)

const restTime = "2006-01-02T15:04:05.000-0700"

// replication answers /sobjects/X/updated and /deleted: ids by the time of their last change, to the minute.
func (s *Sim) replication(c *call, o *object, deleted bool) *reply {
	start, err1 := parseMoment(c.args.Get("start"))
	end, err2 := parseMoment(c.args.Get("end"))
	now := s.opt.Clock().UTC()
	days := 30
	if deleted {
		days = 15
	}
	switch {
	case err1 != nil || err2 != nil:
		return refuse(badRequest("INVALID_REPLICATION_DATE", "start and end are date-times, such as 2026-01-02T03:04:05Z"))
	case !start.Before(end):
		return refuse(badRequest("INVALID_REPLICATION_DATE", "startDate must be before endDate"))
	case start.Before(now.AddDate(0, 0, -days)):
		return refuse(badRequest("INVALID_REPLICATION_DATE", "startDate cannot be more than "+now.Sub(start).Truncate(24*time.Hour).String()+" ago"))
	}
	low, high := start.Truncate(time.Minute).Unix(), end.Truncate(time.Minute).Unix()+60
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.now.of(o)
	b := unbounded()
	b.low(low, 0)
	b.high(high)
	sc := &scan{v: s.now, t: t, all: true, limit: -1}
	sc.bound(&b)
	var pos position
	e := &eval{v: &sc.v}
	ids, gone := []string{}, []map[string]string{}
	for {
		at, ok := sc.next(&pos, e)
		if !ok {
			break
		}
		id := makeID(o.prefix, t.numberOf(at))
		switch {
		case t.deleted(at):
			gone = append(gone, map[string]string{"id": id, "deletedDate": string(appendTime(nil, t.stampOf(at), zoneREST))})
		default:
			ids = append(ids, id)
		}
	}
	latest := end.UTC().Format(restTime)
	if deleted {
		return answer(http.StatusOK, map[string]any{"deletedRecords": gone, "earliestDateAvailable": s.opt.Oldest.UTC().Format(restTime), "latestDateCovered": latest})
	}
	return answer(http.StatusOK, map[string]any{"ids": ids, "latestDateCovered": latest})
}

func parseMoment(text string) (time.Time, error) {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at, nil
	}
	return time.Parse("2006-01-02T15:04:05-0700", text)
}
