package dashboard

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Quota is what an org allows in a day, over all who use its API.
type Quota struct{ Used, Allowed int64 }

// quotaFresh is how long an answer is kept: asking costs one of the requests that it counts.
const quotaFresh = 5 * time.Minute

// quotaKeeper asks each org once in quotaFresh, also when it does not answer.
type quotaKeeper struct {
	from func(context.Context, uuid.UUID) (Quota, error)

	mu   sync.Mutex
	kept map[uuid.UUID]keptQuota
}

type keptQuota struct {
	quota Quota
	err   error
	at    time.Time
}

func newQuotaKeeper(from func(context.Context, uuid.UUID) (Quota, error)) *quotaKeeper {
	return &quotaKeeper{from: from, kept: map[uuid.UUID]keptQuota{}}
}

var errNoQuota = errors.New("nobody knows the quota")

func (k *quotaKeeper) ask(ctx context.Context, id uuid.UUID) (Quota, error) {
	if k.from == nil {
		return Quota{}, errNoQuota
	}
	k.mu.Lock()
	was, ok := k.kept[id]
	k.mu.Unlock()
	if ok && time.Since(was.at) < quotaFresh {
		return was.quota, was.err
	}
	q, err := k.from(ctx, id)
	k.mu.Lock()
	defer k.mu.Unlock()
	for other, kept := range k.kept {
		if time.Since(kept.at) > 2*quotaFresh {
			delete(k.kept, other)
		}
	}
	k.kept[id] = keptQuota{q, err, time.Now()}
	return q, err
}
