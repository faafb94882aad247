package storetest

import (
	_ "embed"
	"testing"

	"github.com/google/uuid"
)

//go:embed testdata/adopted.sql
var adoptedSQL string

// Adopted is the World that NewAdoptedURL's database holds: an active campaign with twenty leads in Chicago.
var Adopted = World{
	Business: uuid.MustParse("00000000-0000-0000-0000-0000000000c1"),
	Agent:    uuid.MustParse("00000000-0000-0000-0000-0000000000d1"),
	Campaign: uuid.MustParse("00000000-0000-0000-0000-0000000000f1"),
}

// NewAdoptedURL creates a database as the web app leaves it, with data, before `henk migrate`.
func NewAdoptedURL(t testing.TB) string {
	t.Helper()
	databaseURL := NewEmptyURL(t)
	if err := exec(t.Context(), databaseURL, adoptedSQL); err != nil {
		t.Fatalf("creating a database of the web app: %v", err)
	}
	return databaseURL
}
