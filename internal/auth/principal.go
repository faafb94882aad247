// Package auth says on whose behalf a request is made and what that principal may see and change: the operator and
// machines everything, a user of the web app the businesses in which they are an active team member.
//
// The server finds out who it is and puts it into the request's context; whoever serves a route that takes an id asks
// Check. A request without a principal may nothing. It may import store and clock; it knows no route and no page.
package auth

import (
	"bytes"
	"context"
	"slices"

	"github.com/google/uuid"
)

// Kind is what sort of principal it is. The zero value is nobody.
type Kind string

// Kinds of principals.
const (
	Operator Kind = "operator" // a person who logged in at the web side
	Service  Kind = "service"  // a program with HENK_API_TOKEN or the service-role key
	User     Kind = "user"     // a user of the web app, by Supabase's token
)

// Roles of team_members that may change nothing.
const viewer = "viewer"

// Principal is on whose behalf a request is made.
type Principal struct {
	Kind Kind
	Name string    // the operator's user name; "" for the others
	User uuid.UUID // team_members.user_id, of a User

	roles map[uuid.UUID]string // by business, of a User
}

// NewUser is an app user with these roles by business.
func NewUser(id uuid.UUID, roles map[uuid.UUID]string) Principal {
	return Principal{Kind: User, User: id, roles: roles}
}

// All is true of those who may see and change everything.
func (p Principal) All() bool { return p.Kind == Operator || p.Kind == Service }

// Businesses are those that p may see, in a fixed order. They mean something only where All is false: then nothing else
// may be shown, also where the list is empty.
func (p Principal) Businesses() []uuid.UUID {
	ids := make([]uuid.UUID, 0, len(p.roles))
	for id := range p.roles {
		ids = append(ids, id)
	}
	slices.SortFunc(ids, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return ids
}

// MaySee says whether what belongs to the business may be shown to p.
func (p Principal) MaySee(business uuid.UUID) bool {
	_, member := p.roles[business]
	return p.All() || (p.Kind == User && member)
}

// MayChange says whether p may change what belongs to the business. Viewers may not.
func (p Principal) MayChange(business uuid.UUID) bool {
	return p.All() || (p.MaySee(business) && p.roles[business] != viewer)
}

// Actor names p in henk.audit.
func (p Principal) Actor() string {
	switch {
	case p.Kind == User:
		return "user:" + p.User.String()
	case p.Name != "":
		return string(p.Kind) + ":" + p.Name
	case p.Kind == "":
		return "nobody"
	}
	return string(p.Kind)
}

type key struct{}

// With puts p into the context of a request.
func With(ctx context.Context, p Principal) context.Context { return context.WithValue(ctx, key{}, p) }

// From is the principal of a request; nobody where there is none.
func From(ctx context.Context) Principal {
	p, _ := ctx.Value(key{}).(Principal)
	return p
}
