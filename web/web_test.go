package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestStaticFilesAreFoundUnderTheirHashOnly(t *testing.T) {
	t.Parallel()
	files := 0
	err := fs.WalkDir(static, "static", func(file string, d fs.DirEntry, err error) error {
		require.NoError(t, err)
		if d.IsDir() {
			return nil
		}
		files++
		name := strings.TrimPrefix(file, "static/")
		url := AssetURL(name)
		require.Regexp(t, `^/static/[a-z0-9/._-]+\.[0-9a-f]{12}\.[a-z0-9]+$`, url)
		rec := get(url)
		require.Equal(t, http.StatusOK, rec.Code)
		want, err := fs.ReadFile(static, file)
		require.NoError(t, err)
		require.Equal(t, string(want), rec.Body.String())
		require.Contains(t, rec.Header().Get("Cache-Control"), "immutable")
		require.Equal(t, http.StatusNotFound, get(StaticPrefix+name).Code, "without its hash")
		return nil
	})
	require.NoError(t, err)
	require.Positive(t, files)
	for _, path := range []string{"/static/", "/static", "/static/../embed.go", "/static/nothing.000000000000.css", "/"} {
		rec := get(path)
		require.Equal(t, http.StatusNotFound, rec.Code, path)
		require.NotContains(t, rec.Header().Get("Cache-Control"), "immutable", path)
	}
	require.Equal(t, "text/css; charset=utf-8", get(AssetURL("henk.css")).Header().Get("Content-Type"))
	require.Equal(t, "image/svg+xml", get(AssetURL("henk.svg")).Header().Get("Content-Type"))
	require.Panics(t, func() { AssetURL("nothing.css") })
}

func get(path string) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	Static().ServeHTTP(rec, &http.Request{Method: http.MethodGet, URL: httptest.NewRequest(http.MethodGet, "http://henk.test/", nil).URL.JoinPath(path), Header: http.Header{}})
	return rec
}

// The policy that the server sends allows no inline script and no inline style: a page that had any would be broken.
func TestTemplatesHaveNothingInline(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son[a-z]+=|javascript:|https?://[^w]`)
	require.NotEmpty(t, pages)
	for name := range pages {
		text, err := fs.ReadFile(templates, "templates/"+name+".html")
		require.NoError(t, err)
		require.Empty(t, inline.FindAllString(string(text), -1), name)
	}
	ours := regexp.MustCompile(`<script src="\{\{asset "[a-z./-]+"\}\}" defer></script>`)
	for _, name := range []string{layout, parts} {
		text, err := fs.ReadFile(templates, "templates/"+name)
		require.NoError(t, err)
		require.Empty(t, inline.FindAllString(ours.ReplaceAllString(string(text), ""), -1), name)
	}
}

func TestRenderEscapesAndSendsNothingOnAnError(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	page := Page{Title: `<b>"&`, SignedIn: true, Version: "v1<i>", Body: struct{ Text, RequestID string }{`<script>alert(1)</script>`, ""}}
	require.NoError(t, Render(rec, http.StatusNotFound, "message", page))
	require.Equal(t, http.StatusNotFound, rec.Code)
	require.Contains(t, rec.Body.String(), "&lt;script&gt;alert(1)&lt;/script&gt;")
	require.Contains(t, rec.Body.String(), "v1&lt;i&gt;")
	require.NotContains(t, rec.Body.String(), "<b>")
	require.Contains(t, rec.Body.String(), AssetURL("henk.css"))

	for _, broken := range []struct {
		name string
		page Page
	}{{"message", Page{Body: struct{}{}}}, {"nothing", Page{}}, {"layout", Page{}}} {
		rec := httptest.NewRecorder()
		require.Error(t, Render(rec, http.StatusOK, broken.name, broken.page), broken.name)
		require.Empty(t, rec.Body.String())
		require.Empty(t, rec.Header())
	}
}

func TestVersionAndNavigationAreForSignedInPeople(t *testing.T) {
	t.Parallel()
	rec := httptest.NewRecorder()
	body := struct {
		Possible      bool
		Problem, Next string
	}{true, "", "/x"}
	require.NoError(t, Render(rec, http.StatusOK, "login", Page{Title: "Sign in", Version: "v9.9.9", Body: body}))
	require.NotContains(t, rec.Body.String(), "v9.9.9")
	require.NotContains(t, rec.Body.String(), "/logout")
	require.NotContains(t, rec.Body.String(), "/riverui/")
}
