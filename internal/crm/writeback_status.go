package crm

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/callhenk/henk-worker/internal/salesforce"
	"github.com/callhenk/henk-worker/internal/store/dbsqlc"
)

// statuses are those that the org knows; read once a run.
type statuses struct {
	lead   map[string]bool            // Lead statuses that can be set: not those that conversion sets
	member map[string]map[string]bool // by Campaign
}

// wanted keeps the rows whose call says what the status is. A later call of the same lead that does has the word.
func (b *batch) wanted(by map[string]string) {
	for _, row := range b.open {
		switch {
		case by[row.Outcome] == "":
			b.end(skipped(row, "no status is set for this outcome"))
		case row.Later:
			b.end(skipped(row, "a later call says what the status is"))
		}
	}
}

// leadStatuses sets the Lead's Status that the settings name for the outcome.
func (b *batch) leadStatuses(ctx context.Context) {
	b.wanted(b.settings.LeadStatus)
	b.dropStrangers()
	if b.known == nil {
		b.known = &statuses{member: map[string]map[string]bool{}}
	}
	if b.known.lead == nil && len(b.open) > 0 {
		lead, err := b.names(ctx, "LeadStatus", "ApiName", salesforce.Where("IsConverted", "=", salesforce.Bool(false)))
		if err != nil {
			b.whole(b.open, err)
			return
		}
		b.known.lead = lead
	}
	for range maxTurns {
		var list []sent
		for _, row := range b.open {
			status := b.settings.LeadStatus[row.Outcome]
			switch {
			case typeOf(whom(row)) != typeLead:
				b.end(skipped(row, "the Lead was converted: its status is closed"))
			case !b.known.lead[status]:
				b.end(failed(row, "INVALID_STATUS", "leadStatus."+row.Outcome+" is no status of Leads that can be set",
					"set it to one that the org has, then retry: "+listed(b.known.lead)))
			default:
				list = append(list, sent{row, salesforce.Record{Type: typeLead, ID: whom(row), Fields: map[string]any{"Status": status}}})
			}
		}
		if len(list) == 0 || b.stopped {
			return
		}
		lost := b.update(ctx, list)
		for i := range b.verdicts {
			if v := &b.verdicts[i]; v.State == writeDone && v.leadStatus == "" {
				at := slices.IndexFunc(list, func(s sent) bool { return s.row.ID == v.ID })
				v.leadStatus, _ = list[at].record.Fields["Status"].(string)
			}
		}
		b.redirect(ctx, lost)
	}
}

// memberStatuses sets the CampaignMember's Status, and adds who is not a member yet. Members are looked up before each
// create, so a lost answer does no harm.
func (b *batch) memberStatuses(ctx context.Context) {
	b.wanted(b.settings.MemberStatus)
	b.dropStrangers()
	if b.known == nil {
		b.known = &statuses{member: map[string]map[string]bool{}}
	}
	for range maxTurns {
		byCampaign := map[string][]*dbsqlc.WriteBackReadRow{}
		for _, row := range b.open {
			campaign := b.settings.campaign(*row.CampaignID)
			if campaign == "" {
				b.end(skipped(row, "the campaign has no Campaign in Salesforce: set campaigns or campaignId in the integration's writeBack"))
				continue
			}
			byCampaign[campaign] = append(byCampaign[campaign], row)
		}
		if len(byCampaign) == 0 || b.stopped {
			return
		}
		for campaign, rows := range byCampaign {
			b.membersOf(ctx, campaign, rows)
		}
	}
}

func (b *batch) membersOf(ctx context.Context, campaign string, rows []*dbsqlc.WriteBackReadRow) {
	if b.known.member[campaign] == nil {
		names, err := b.names(ctx, "CampaignMemberStatus", "Label", salesforce.Where("CampaignId", "=", salesforce.ID(campaign)))
		if err != nil {
			b.whole(rows, err)
			return
		}
		b.known.member[campaign] = names
	}
	members, err := b.members(ctx, campaign, rows)
	if err != nil {
		b.whole(rows, err)
		return
	}
	var updates, creates []sent
	for _, row := range rows {
		status := b.settings.MemberStatus[row.Outcome]
		record := salesforce.Record{Type: typeMember, ID: members[whom(row)], Fields: map[string]any{"Status": status}}
		switch {
		case !b.known.member[campaign][status]:
			b.end(failed(row, "INVALID_STATUS", "memberStatus."+row.Outcome+" is no member status of the Campaign",
				"set it to one that the Campaign has, then retry: "+listed(b.known.member[campaign])))
		case record.ID != "":
			updates = append(updates, sent{row, record})
		case !b.settings.addMembers():
			b.end(skipped(row, "the person is no member of the Campaign, and addMembers is false"))
		default:
			record.Fields["CampaignId"], record.Fields[typeOf(whom(row))+"Id"] = campaign, whom(row)
			creates = append(creates, sent{row, record})
		}
	}
	b.update(ctx, updates) // a member that is gone stays open, and is looked up again
	if b.stopped {
		return
	}
	var lost []*dbsqlc.WriteBackReadRow
	for i, result := range b.write(ctx, creates, b.conn.Client.CreateRecords) {
		row := creates[i].row
		switch e := salesforce.AsError(result.Err()); {
		case e == nil && result.Success:
			b.end(done(row, result.ID, creates[i].record.Fields))
		case e != nil && e.Code == "DUPLICATE_VALUE": // added meanwhile: found in the next turn
		case e != nil && elsewhere(e):
			lost = append(lost, row)
		default:
			b.end(b.judge(row, result.Err(), false, time.Now()))
		}
	}
	b.redirect(ctx, lost)
}

// members gives the ids of CampaignMembers by their Contact or Lead.
func (b *batch) members(ctx context.Context, campaign string, rows []*dbsqlc.WriteBackReadRow) (map[string]string, error) {
	found := map[string]string{}
	for _, kind := range []string{typeContact, typeLead} {
		var ids []salesforce.Literal
		for _, row := range rows {
			if typeOf(whom(row)) == kind {
				ids = append(ids, salesforce.ID(whom(row)))
			}
		}
		if len(ids) == 0 {
			continue
		}
		where := salesforce.And(salesforce.Where("CampaignId", "=", salesforce.ID(campaign)), salesforce.In(kind+"Id", ids...))
		err := b.each(ctx, typeMember, []string{"Id", kind + "Id"}, where, func(row salesforce.Row) { found[row.Text(1)] = row.Text(0) })
		if err != nil {
			return nil, err
		}
	}
	return found, nil
}

// names reads the names of statuses.
func (s *session) names(ctx context.Context, object, field string, where salesforce.Condition) (map[string]bool, error) {
	found := map[string]bool{}
	err := s.each(ctx, object, []string{field}, where, func(row salesforce.Row) { found[row.Text(0)] = true })
	return found, err
}

// each reads all records of a query.
func (s *session) each(ctx context.Context, object string, names []string, where salesforce.Condition, take func(salesforce.Row)) error {
	fields, err := salesforce.NewFields(names...)
	if err != nil {
		return err
	}
	soql, err := salesforce.Select{Object: object, Fields: fields, Where: where}.SOQL()
	if err != nil {
		return err
	}
	each := func(row salesforce.Row) error { take(row); return nil }
	page, err := s.conn.Client.Query(ctx, soql, fields, each)
	for err == nil && !page.Done {
		page, err = s.conn.Client.QueryMore(ctx, page.Next, fields, each)
	}
	return err
}

func listed(names map[string]bool) string {
	list := make([]string, 0, len(names))
	for name := range names {
		list = append(list, clipped(name, 80))
	}
	slices.Sort(list)
	return strings.Join(list[:min(len(list), 20)], ", ")
}
