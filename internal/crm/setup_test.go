package crm

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/callhenk/henk-worker/internal/salesforcesim"
	"github.com/callhenk/henk-worker/internal/storetest"
)

func TestBrokenIntegrationsSayWhy(t *testing.T) {
	t.Parallel()
	b := setup(t, salesforcesim.Options{Contacts: 5})
	for name, c := range map[string]struct{ config, credentials, says string }{
		"no credentials":          {`{}`, `{}`, "SALESFORCE_CLIENT_ID"},
		"null credentials":        {`{}`, `null`, "SALESFORCE_CLIENT_ID"},
		"no refresh token":        {`{}`, `{"clientId": "client"}`, "refresh token is missing"},
		"credentials a list":      {`{}`, `[1]`, "not a JSON object"},
		"secret a number":         {`{}`, `{"clientId": "client", "refreshToken": 7}`, "refreshToken"},
		"config a list":           {`[]`, `{"clientId": "client"}`, "config"},
		"config a text":           {`"x"`, `{"clientId": "client"}`, "config"},
		"syncEnabled a text":      {`{"syncEnabled": "yes"}`, `{}`, "syncEnabled"},
		"unknown env":             {`{"env": "prod"}`, `{}`, "env"},
		"unknown policy":          {`{"doNotCallPolicy": "lax"}`, `{}`, "doNotCallPolicy"},
		"instance no URL":         {`{"instanceUrl": "javascript:alert(1)"}`, `{}`, "instanceUrl"},
		"version no version":      {`{"apiVersion": "v1; DROP"}`, `{"clientId": "client"}`, "version"},
		"SOQL through the field":  {`{"mapping": {"Contact": {"phone": "Phone FROM Contact WHERE Id != null --"}}}`, `{}`, "no field name"},
		"SOQL through a list":     {`{"mapping": {"Contact": {"phone": ["Phone", "(SELECT Id FROM Cases)"]}}}`, `{}`, "no field name"},
		"SOQL through the object": {`{"mapping": {"Contact WHERE Name = 'x'": {"phone": "Phone"}}}`, `{}`, "not synced"},
		"SQL through the column":  {`{"mapping": {"Contact": {"phone = 'x' --": "Phone"}}}`, `{}`, "cannot be mapped"},
		"mapping a number":        {`{"mapping": {"Contact": {"phone": 7}}}`, `{}`, "mapping"},
	} {
		id := storetest.Insert(t, b.db, "integrations", f{"name": "Salesforce", "type": "crm", "status": "active", "business_id": b.w.Business, "config": c.config, "credentials": c.credentials})
		_, err := Sync(t.Context(), b.db, b.cfg, Request{IntegrationID: id})
		require.Error(t, err, name)
		require.True(t, NeedsPerson(err), "%s: %v", name, err)
		require.Contains(t, err.Error(), c.says, name)
		require.Equal(t, "error", b.text("select status from integrations where id = $1", id), name)
		require.Equal(t, 1, b.count("select count(*) from sync_logs where integration_id = $1 and sync_status = 'failed' and error_message is not null and completed_at is not null", id), name)
		require.Equal(t, "0", b.text("select count(*) from integrations where id = $1 and config::text like '%refresh-0%'", id), name)
	}
	b.sync()
	b.equal()
}
