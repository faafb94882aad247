package salesforcesim

import (
	"encoding/xml"
	"io"
	"net/http"
	"strings"
)

// soap answers the two calls that clients of the REST API still make here: login by password, and logout.
func (s *Sim) soap(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Body struct {
			Login *struct {
				Username string `xml:"username"`
				Password string `xml:"password"`
			} `xml:"login"`
		} `xml:"Body"`
		Header struct {
			Session string `xml:"SessionHeader>sessionId"`
		} `xml:"Header"`
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, 64<<10))
	w.Header().Set("Content-Type", "text/xml;charset=UTF-8")
	if err != nil || xml.Unmarshal(body, &in) != nil {
		fault(w, "sf:UNKNOWN_EXCEPTION", "UNKNOWN_EXCEPTION: the request is no SOAP envelope")
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.Body.Login == nil {
		if ses := s.grants.sessions[in.Header.Session]; ses != nil {
			ses.dead = true
		}
		_, _ = io.WriteString(w, envelope("<logoutResponse/>"))
		return
	}
	if s.opt.Username == "" || !same(in.Body.Login.Username, s.opt.Username) || !same(in.Body.Login.Password, s.opt.Password) {
		fault(w, "sf:INVALID_LOGIN", "INVALID_LOGIN: Invalid username, password, security token; or user locked out.")
		return
	}
	version := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
	_, _ = io.WriteString(w, envelope("<loginResponse><result><passwordExpired>false</passwordExpired><serverUrl>"+
		s.instanceFor(r.Host)+"/services/Soap/u/"+escaped(version)+"/"+orgID()[:15]+"</serverUrl><sessionId>"+s.open(s.grants.first)+"</sessionId><userId>"+userID()+
		"</userId><userInfo><organizationId>"+orgID()+"</organizationId></userInfo></result></loginResponse>"))
}

func escaped(text string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(text)) // a Builder does not fail
	return b.String()
}

func envelope(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns="urn:partner.soap.sforce.com"><soapenv:Body>` +
		body + `</soapenv:Body></soapenv:Envelope>`
}

func fault(w http.ResponseWriter, code, text string) {
	w.WriteHeader(http.StatusInternalServerError)
	_, _ = io.WriteString(w, envelope("<soapenv:Fault><faultcode>"+code+"</faultcode><faultstring>"+text+"</faultstring></soapenv:Fault>")) // the client may have gone
}
