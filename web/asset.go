package web

import (
	"crypto/sha256"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

// StaticPrefix is where Static must be mounted; no login stands in front of it.
const StaticPrefix = "/static/"

type asset struct {
	url  string // with a hash of the content, so that browsers may keep it for ever
	name string
	data string
}

var assets, assetsByURL = readAssets()

func readAssets() (byName, byURL map[string]asset) {
	byName, byURL = map[string]asset{}, map[string]asset{}
	err := fs.WalkDir(static, "static", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(static, file)
		if err != nil {
			return err
		}
		name := strings.TrimPrefix(file, "static/")
		sum := sha256.Sum256(data)
		ext := path.Ext(name)
		a := asset{name: name, data: string(data),
			url: StaticPrefix + strings.TrimSuffix(name, ext) + "." + hex.EncodeToString(sum[:6]) + ext}
		byName[name], byURL[a.url] = a, a
		return nil
	})
	if err != nil {
		panic(err) // the files are in the binary
	}
	return byName, byURL
}

// AssetURL is the path under which Static serves a file of static/. An unknown name panics: only templates, all of
// which the tests render, name files.
func AssetURL(name string) string {
	a, ok := assets[name]
	if !ok {
		panic("web: there is no static file " + name)
	}
	return a.url
}

// Static serves the static files under their hashed names, to be kept by the browser for a year. Any other name,
// a directory or the name without its hash, is not found.
func Static() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a, ok := assetsByURL[r.URL.Path]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		http.ServeContent(w, r, a.name, time.Time{}, strings.NewReader(a.data))
	})
}
