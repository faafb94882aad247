package auth

import (
	"context"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Thing is what an id names.
type Thing string

// Things that belong to a business.
const (
	Business        Thing = "business"
	Campaign        Thing = "campaign"
	Lead            Thing = "lead"
	LeadList        Thing = "lead_list"
	Conversation    Thing = "conversation"
	Attempt         Thing = "attempt"
	Integration     Thing = "integration"
	AudioGeneration Thing = "audio_generation"
)

var (
	// ErrNotFound means that there is no such row, or that it is another tenant's: who may not see it cannot tell.
	ErrNotFound = errors.New("there is nothing with this id")
	// ErrReadOnly means that the principal may see the row and not change it.
	ErrReadOnly = errors.New("your role in this business lets you look and not change")
	// ErrOperators means that only operators and programs may do this.
	ErrOperators = errors.New("only an operator or a program with the API token may do this")
)

// Check says whether the request's principal may see the thing, and with change, change it: nil, ErrNotFound or
// ErrReadOnly. For those who may everything it asks the database nothing: whether the row exists is for the route to
// find out.
func Check(ctx context.Context, db dbsqlc.DBTX, thing Thing, id uuid.UUID, change bool) error {
	p := From(ctx)
	if p.All() {
		return nil
	}
	if p.Kind != User {
		return ErrNotFound
	}
	business, err := businessOf(ctx, db, thing, id)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return ErrNotFound
	case err != nil:
		return fmt.Errorf("looking whose the %s is: %w", thing, err)
	case !p.MaySee(business):
		return ErrNotFound
	case change && !p.MayChange(business):
		return ErrReadOnly
	}
	return nil
}

func businessOf(ctx context.Context, db dbsqlc.DBTX, thing Thing, id uuid.UUID) (uuid.UUID, error) {
	q := dbsqlc.New()
	ask := map[Thing]func(context.Context, dbsqlc.DBTX, uuid.UUID) (uuid.UUID, error){
		Campaign: q.AuthBusinessOfCampaign, Lead: q.AuthBusinessOfLead, LeadList: q.AuthBusinessOfLeadList,
		Conversation: q.AuthBusinessOfConversation, Attempt: q.AuthBusinessOfAttempt,
		Integration: q.AuthBusinessOfIntegration, AudioGeneration: q.AuthBusinessOfAudioGeneration,
		Business: func(_ context.Context, _ dbsqlc.DBTX, id uuid.UUID) (uuid.UUID, error) { return id, nil },
	}[thing]
	if ask == nil {
		return uuid.Nil, pgx.ErrNoRows // unknown means unsafe
	}
	return ask(ctx, db, id)
}

// LoadUser is the app user with the memberships they have now.
func LoadUser(ctx context.Context, db dbsqlc.DBTX, id uuid.UUID) (Principal, error) {
	rows, err := dbsqlc.New().AuthMemberships(ctx, db, id)
	if err != nil {
		return Principal{}, fmt.Errorf("reading the memberships: %w", err)
	}
	roles := make(map[uuid.UUID]string, len(rows))
	for _, row := range rows {
		roles[row.BusinessID] = row.Role
	}
	return NewUser(id, roles), nil
}
