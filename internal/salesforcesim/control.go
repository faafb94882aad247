package salesforcesim

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"time"
)

// The control surface lets a black-box test ask the simulator what it saw, change the org and inject faults. It is no part of
// Salesforce's API. It asks for the client id and secret by HTTP Basic, or for an access token.

func (s *Sim) control(w http.ResponseWriter, r *http.Request) {
	if !s.mayControl(r) {
		errSession.send(w)
		return
	}
	name := r.Method + " " + strings.TrimPrefix(r.URL.Path, controlPrefix)
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
	if err != nil {
		errJSON.send(w)
		return
	}
	switch name {
	case "GET stats":
		sendJSON(w, http.StatusOK, s.Stats())
	case "POST reset":
		s.ResetStats()
		sendJSON(w, http.StatusOK, map[string]bool{"ok": true})
	case "POST faults":
		f, err := ParseFaults(string(body))
		if err != nil {
			badRequest("INVALID_FAULTS", err.Error()).send(w)
			return
		}
		s.SetFaults(f)
		sendJSON(w, http.StatusOK, map[string]bool{"ok": true})
	case "POST records":
		s.controlRecords(w, body)
	case "POST org":
		s.controlOrg(w, body)
	case "GET record":
		rec, ok := s.Get(r.URL.Query().Get("id"))
		if !ok {
			errNotFound.send(w)
			return
		}
		sendJSON(w, http.StatusOK, rec)
	default:
		errNotFound.send(w)
	}
}

func (s *Sim) mayControl(r *http.Request) bool {
	if id, secret, ok := r.BasicAuth(); ok {
		return id != "" && same(id, s.opt.ClientID) && same(secret, s.opt.ClientSecret)
	}
	token, _ := bearer(r)
	_, refused := s.authorize(token, r.Host)
	return refused == nil
}

// edit is one change of the org by the control surface.
type edit struct {
	Op     string         `json:"op"` // create, update, delete, undelete, merge, convert, hard_delete, conceal, reveal
	Object string         `json:"object"`
	ID     string         `json:"id"`
	Into   string         `json:"into"`   // of convert
	Losers []string       `json:"losers"` // of merge
	Fields map[string]any `json:"fields"`
}

// controlRecords takes {"edits": [..], "commit_after": "5s"}: the edits are one transaction, whose records get their stamp now and
// become visible after that time. It answers with an id for each edit.
func (s *Sim) controlRecords(w http.ResponseWriter, body []byte) {
	var in struct {
		Edits       []edit `json:"edits"`
		CommitAfter string `json:"commit_after"`
	}
	if json.Unmarshal(body, &in) != nil {
		errJSON.send(w)
		return
	}
	after, err := time.ParseDuration(or(in.CommitAfter, "0s"))
	tx, ids := s.Begin(), []string{}
	for i := 0; i < len(in.Edits) && err == nil; i++ {
		var id string
		id, err = s.edit(tx, &in.Edits[i])
		ids = append(ids, id)
	}
	if err == nil && after > 0 {
		tx.CommitAfter(after)
	} else if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		badRequest("INVALID_EDIT", err.Error()).send(w)
		return
	}
	sendJSON(w, http.StatusOK, map[string]any{"ids": ids})
}

func (s *Sim) edit(tx *Tx, e *edit) (string, error) {
	switch e.Op {
	case "create":
		return tx.Create(e.Object, e.Fields)
	case "update":
		return e.ID, tx.Update(e.ID, e.Fields)
	case "delete":
		return e.ID, tx.Delete(e.ID)
	case "undelete":
		return e.ID, tx.Undelete(e.ID)
	case "merge":
		return e.ID, tx.Merge(e.ID, e.Fields, e.Losers...)
	case "convert":
		return tx.Convert(e.ID, e.Into)
	case "hard_delete":
		return e.ID, s.HardDelete(e.ID)
	case "conceal":
		return e.ID, s.Conceal(e.ID)
	case "reveal":
		return e.ID, s.Reveal(e.ID)
	}
	return "", badRequest("INVALID_EDIT", "op "+e.Op+" is not one of create, update, delete, undelete, merge, convert, hard_delete, conceal, reveal").asError()
}

// controlOrg takes {"hide": ["Contact.DoNotCall"], "show": [], "usage": 80000, "expire_sessions": true, "revoke": true, "move_to": URL}.
func (s *Sim) controlOrg(w http.ResponseWriter, body []byte) {
	var in struct {
		Hide           []string `json:"hide"`
		Show           []string `json:"show"`
		Usage          *int     `json:"usage"`
		ExpireSessions bool     `json:"expire_sessions"`
		Revoke         bool     `json:"revoke"`
		MoveFrom       string   `json:"move_from"`
		MoveTo         string   `json:"move_to"`
	}
	if json.Unmarshal(body, &in) != nil {
		errJSON.send(w)
		return
	}
	for i, name := range append(append([]string{}, in.Hide...), in.Show...) {
		if err := s.HideField(name, i < len(in.Hide)); err != nil {
			badRequest("INVALID_FIELD", err.Error()).send(w)
			return
		}
	}
	if in.Usage != nil {
		s.SetUsage(*in.Usage)
	}
	if in.ExpireSessions {
		s.ExpireSessions()
	}
	if in.Revoke {
		s.Revoke()
	}
	if in.MoveTo != "" {
		s.MoveInstance(in.MoveFrom, in.MoveTo)
	}
	sendJSON(w, http.StatusOK, map[string]bool{"ok": true})
}
