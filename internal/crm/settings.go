package crm

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/callhenk/henk-worker/internal/salesforce"
)

// Policies for a DoNotCall field that the integration's user cannot see.
const (
	PolicyDefault = "default" // dial leads that are not flagged here, and warn
	PolicyStrict  = "strict"  // do not dial
)

// Settings are integrations.config: the web app's keys, and ours.
type Settings struct {
	Env         string `json:"env"` // production or sandbox
	InstanceURL string `json:"instanceUrl"`
	LoginURL    string `json:"loginUrl"` // of a My Domain; "" goes by Env
	APIVersion  string `json:"apiVersion"`
	SyncEnabled *bool  `json:"syncEnabled"`

	// WriteBack is read by readWriteBack: what is wrong with it stops writing and not the sync.
	WriteBack json.RawMessage `json:"writeBack"`

	// DoNotCallPolicy is PolicyDefault or PolicyStrict; "" is the default.
	DoNotCallPolicy string `json:"doNotCallPolicy"`
	// Mapping overrides which fields fill a column: object -> column of leads -> field, or fields of which the first
	// that is not empty counts (for do_not_call and email_opt_out: any that is true).
	Mapping map[string]map[string]FieldNames `json:"mapping"`
}

// FieldNames is one field's name or a list of them.
type FieldNames []string

// UnmarshalJSON takes "Phone" and ["Phone", "HomePhone"].
func (f *FieldNames) UnmarshalJSON(data []byte) error {
	var one string
	if err := json.Unmarshal(data, &one); err == nil {
		*f = FieldNames{one}
		return nil
	}
	var many []string
	if err := json.Unmarshal(data, &many); err != nil {
		return errors.New("mapping: a field's name or a list of names is wanted")
	}
	*f = many
	return nil
}

// readSettings reads and checks integrations.config. Its errors say what is wrong and how to mend it.
func readSettings(raw []byte) (Settings, error) {
	var s Settings
	if len(bytes.TrimSpace(raw)) > 0 {
		if err := json.Unmarshal(raw, &s); err != nil {
			var shape *json.UnmarshalTypeError
			if errors.As(err, &shape) && shape.Field != "" {
				return s, fmt.Errorf("%s in the integration's config is a %s where a %s is wanted", shape.Field, shape.Value, shape.Type)
			}
			return s, fmt.Errorf("the integration's config cannot be read: %w", withoutValues(err))
		}
	}
	return s, s.check()
}

// withoutValues keeps what an error of encoding/json quotes of the text out of logs.
func withoutValues(err error) error {
	var shape *json.UnmarshalTypeError
	if errors.As(err, &shape) {
		return fmt.Errorf("it is a %s, and an object is wanted", shape.Value)
	}
	return err
}

func (s *Settings) check() error {
	switch s.Env {
	case "", "production", "sandbox":
	default:
		return errors.New("env in the integration's config is neither production nor sandbox")
	}
	switch s.DoNotCallPolicy {
	case "":
		s.DoNotCallPolicy = PolicyDefault
	case PolicyDefault, PolicyStrict:
	default:
		return errors.New("doNotCallPolicy in the integration's config is neither default nor strict")
	}
	for name, address := range map[string]string{"instanceUrl": s.InstanceURL, "loginUrl": s.LoginURL} {
		if u, err := url.Parse(address); address != "" && (err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http")) {
			return fmt.Errorf("%s in the integration's config is no https URL", name)
		}
	}
	return s.checkMapping()
}

// checkMapping lets only names through that can name a field: they become part of SOQL.
func (s *Settings) checkMapping() error {
	for object, columns := range s.Mapping {
		if _, ok := objects[object]; !ok {
			return fmt.Errorf("mapping in the integration's config has an object that is not synced; those that are: %s", strings.Join(Objects(), ", "))
		}
		for column, fields := range columns {
			if !slices.Contains(mappable(), column) {
				return fmt.Errorf("mapping of %s in the integration's config has a column that cannot be mapped; those that can: %s", object, strings.Join(mappable(), ", "))
			}
			if len(fields) == 0 || len(fields) > 10 {
				return fmt.Errorf("mapping of %s.%s in the integration's config needs from one to ten fields", object, column)
			}
			for _, field := range fields {
				if !salesforce.ValidField(field) {
					return fmt.Errorf("mapping of %s.%s in the integration's config has what is no field name; use API names such as HomePhone, Account.Name or Region__c", object, column)
				}
			}
		}
	}
	return nil
}

// loginURL is where tokens come from: what the operator set for all, else the config's own, else by environment.
func (s *Settings) loginURL(override string) string {
	switch {
	case override != "":
		return override
	case s.LoginURL != "":
		return strings.TrimRight(s.LoginURL, "/")
	case s.Env == "sandbox":
		return salesforce.LoginSandbox
	}
	return salesforce.LoginProduction
}
