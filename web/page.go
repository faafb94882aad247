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
	Charts   bool   // loads the chart library
	Body     any    // what the page's own template is given as its dot .Body
}

// Entry is one link of the navigation.
type Entry struct{ Path, Name string }

// Nav is the navigation, in order. A page that comes later adds itself here.
func (Page) Nav() []Entry {
	return []Entry{{"/", "Now"}, {"/campaigns", "Campaigns"}, {"/leads", "Leads"}, {"/conversations", "Conversations"},
		{"/salesforce", "Salesforce"}, {"/import", "Import"}, {"/riverui/", "Jobs"}, {"/doctor", "Doctor"}}
}

// The layout stands around every page; parts are what several pages share.
const (
	layout = "layout.html"
	parts  = "parts.html"
)

var pages = parsePages()

// parsePages combines every page with the layout. A template that does not parse stops the program at its start.
func parsePages() map[string]*template.Template {
	base := template.Must(template.New(layout).Funcs(functions).Option("missingkey=error").
		ParseFS(templates, "templates/"+layout, "templates/"+parts))
	files, err := fs.Glob(templates, "templates/*.html")
	if err != nil {
		panic(err) // the pattern is a constant
	}
	set := map[string]*template.Template{}
	for _, file := range files {
		if name := path.Base(file); name != layout && name != parts {
			set[strings.TrimSuffix(name, ".html")] = template.Must(template.Must(base.Clone()).ParseFS(templates, file))
		}
	}
	return set
}

// Render writes page name (a file of templates/, without its ending) with the status. A page that fails halfway is
// not sent: nothing has been written when an error is returned, except where the connection failed.
func Render(w http.ResponseWriter, status int, name string, p Page) error {
	data, err := execute(name, layout, p)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Content-Length", strconv.Itoa(len(data)))
	w.WriteHeader(status)
	if _, err := w.Write(data); err != nil {
		return fmt.Errorf("sending page %s: %w", name, err)
	}
	return nil
}

// Fragment renders one part of a page alone, for events: the template that page name defines as part, given body.
func Fragment(name, part string, body any) ([]byte, error) { return execute(name, part, body) }

func execute(name, part string, data any) ([]byte, error) {
	t, ok := pages[name]
	if !ok {
		return nil, fmt.Errorf("there is no page %q", name)
	}
	var buf bytes.Buffer
	if err := t.ExecuteTemplate(&buf, part, data); err != nil {
		return nil, fmt.Errorf("rendering page %s: %w", name, err)
	}
	return buf.Bytes(), nil
}
