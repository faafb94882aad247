package campaign

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"github.com/callhenk/henk-worker/internal/calltime"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// Disagreement is a decision of the log that the rules, on the same inputs, do not come to.
type Disagreement struct {
	DecisionID int64     `json:"decision_id"`
	CampaignID uuid.UUID `json:"campaign_id"`
	LeadID     uuid.UUID `json:"lead_id"`
	At         time.Time `json:"at"`
	Logged     string    `json:"logged"` // call, free, or the rules that held
	Judged     string    `json:"judged"`
}

// errNoReplay: the decision cannot be judged again from what is kept.
var errNoReplay = errors.New("the decision cannot be judged again")

// replayer judges decisions of the log again, by the settings they were made by.
type replayer struct {
	db        dbsqlc.DBTX
	campaigns map[string]pastCampaign // by id and digest of the settings
}

// pastCampaign is a campaign as it was when a decision was made, and the version of the program's rules that made it.
type pastCampaign struct {
	*Campaign
	version int
}

func newReplayer(db dbsqlc.DBTX) *replayer { return &replayer{db, map[string]pastCampaign{}} }

// sameRules is the campaign of a decision that these rules made; errNoReplay where others did.
func (r *replayer) sameRules(ctx context.Context, d dbsqlc.DecisionSampleRow) (*Campaign, error) {
	if d.Settings == "" || d.RulePack != calltime.CurrentPack().Version {
		return nil, errNoReplay
	}
	c, err := r.campaign(ctx, d.CampaignID, d.Settings)
	if err != nil {
		return nil, err
	}
	if c.version != judgeVersion {
		return nil, errNoReplay
	}
	return c.Campaign, nil
}

// campaign is a campaign as it was when a decision was made.
func (r *replayer) campaign(ctx context.Context, id uuid.UUID, digest string) (pastCampaign, error) {
	key := id.String() + digest
	if c, ok := r.campaigns[key]; ok {
		return c, nil
	}
	record, err := dbsqlc.New().DecisionSettingsGet(ctx, r.db, dbsqlc.DecisionSettingsGetParams{CampaignID: id, Digest: digest})
	if errors.Is(err, pgx.ErrNoRows) {
		return pastCampaign{}, errNoReplay
	}
	if err != nil {
		return pastCampaign{}, fmt.Errorf("reading the settings of a decision: %w", err)
	}
	var c pastCampaign
	if c.Campaign, c.version, err = restore(id, record); err != nil {
		return pastCampaign{}, err
	}
	r.campaigns[key] = c
	return c, nil
}

// whereabouts are the columns of a lead that say where its phone is, as they are today.
type whereabouts struct {
	Phone, MobilePhone, Timezone, PostalCode, State, Country *string
	Digest                                                   string
}

// on puts the whereabouts into a lead, so that number and place are read anew.
func (w *whereabouts) on(c *Campaign, l *lead) {
	row := l.CandidateClaimDirtyRow
	row.Phone, row.MobilePhone, row.Timezone, row.PostalCode, row.State, row.Country = w.Phone, w.MobilePhone, w.Timezone, w.PostalCode, w.State, w.Country
	*l = c.parseLead(row)
}

// judge comes to its own verdict on a decision about a lead: the rules that hold, none for free. today is nil when the
// lead is gone. errNoReplay says that it cannot.
func (r *replayer) judge(ctx context.Context, d dbsqlc.DecisionSampleRow, today *whereabouts) ([]string, error) {
	c, err := r.sameRules(ctx, d)
	if err != nil {
		return nil, err
	}
	var f facts
	if err := json.Unmarshal(d.Inputs, &f); err != nil {
		return []string{"its inputs cannot be read"}, nil
	}
	if f.By != "" {
		return nil, errNoReplay
	}
	s := f.subject(c, d.LeadID, d.At)
	if today != nil && today.Digest == f.Whereabouts {
		today.on(c, s.l)
	}
	return s.ownFailing(), nil
}

// judgeCall judges the window and the caps of a call again, from the attempt and its lead.
func (r *replayer) judgeCall(ctx context.Context, d dbsqlc.DecisionSampleRow, a *dbsqlc.DecisionAttemptsRow) ([]string, error) {
	if a == nil || !strings.HasSuffix(a.WindowInputs, a.Inputs) {
		return nil, errNoReplay // without the lead's whereabouts as they were, nothing can be said of the window
	}
	c, err := r.sameRules(ctx, d)
	if err != nil {
		return nil, err
	}
	failing := []string{}
	today := whereabouts{a.Phone, a.MobilePhone, a.Timezone, a.PostalCode, a.State, a.Country, a.Inputs}
	var l lead
	today.on(c, &l)
	place := l.place()
	switch {
	case l.numberErr != nil || l.number.E164 != a.PhoneNumber:
		failing = append(failing, RulePhoneValid)
	case len(place.Zones) == 0:
		failing = append(failing, RuleZoneKnown)
	case !calltime.Judge(d.At, place.Place, c.Rules()).Open:
		failing = append(failing, RuleCallWindow)
	}
	if a.NumberFreeAt != nil && a.NumberFreeAt.After(d.At) {
		failing = append(failing, RuleRollingCap)
	}
	return failing, nil
}
