package web

import (
	"bytes"
	"fmt"
	"html/template"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// Page is what the layout needs around a page's own content.
type Page struct {
	Title    string // of the window; the layout adds the program's name
	Version  string
	Here     string // the path of the navigation's current entry, "" = none
	SignedIn bool   // shows navigation and sign-out
	Body     any    // what the page's own template is given as its dot .Body
}

const layout = "layout.html"

var pages = parsePages()

// parsePages combines every page with the layout. A template that does not parse stops the program at its start.
func parsePages() map[string]*template.Template {
	base := template.Must(template.New(layout).
		Funcs(template.FuncMap{"asset": AssetURL}).
		Option("missingkey=error").
		ParseFS(templates, "templates/"+layout))
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	set := map[string]*template.Template{}
	for _, file := range files {
		if name := path.Base(file); name != layout {
			set[strings.TrimSuffix(name, ".html")] = template.Must(template.Must(base.Clone()).ParseFS(templates, file))
		}
	}
	return set
}

// Render writes page name (a file of templates/, without its ending) with the status. A page that fails halfway is
// not sent: nothing has been written when an error is returned, except where the connection failed.
func Render(w http.ResponseWriter, status int, name string, p Page) error {
	t, ok := pages[name]
	if !ok {
		return fmt.Errorf("there is no page %q", name)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, layout, p); err != nil {
		return fmt.Errorf("rendering page %s: %w", name, err)
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(buf.Len()))
	w.WriteHeader(status)
	if _, err := buf.WriteTo(w); err != nil {
		return fmt.Errorf("sending page %s: %w", name, err)
	}
	return nil
}
