// Package web holds the templates and the static files of every page, embedded into the binary, and renders them. It
// knows no handlers and no database, and imports nothing of ours: the server and the dashboard hand it plain values.
package web

import "embed"

var (
	//go:embed templates/*.html
	templates embed.FS
	//go:embed static
	static embed.FS
)
