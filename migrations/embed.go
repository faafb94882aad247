// Package migrations holds the schema as SQL, embedded into the binary.
//
// The numbered files are ours and run once each, in order (goose format). shared/ describes the tables of the Henk
// web app: what exists already in an adopted database is left as it is, what is missing is created. It imports nothing.
package migrations

import "embed"

// Files are the numbered migrations.
//
//go:embed *.sql
var Files embed.FS

// SharedTypes and SharedTables are plain statements, one type, table or index each, that create what the web app
// would have created on a database that has never seen it.
var (
	//go:embed shared/types.sql
	SharedTypes string
	//go:embed shared/tables.sql
	SharedTables string
)
