// Package crm keeps the leads of a business in step with its Salesforce org: Contacts and Leads in, with their
// deletions, merges and conversions, and what became of calls back out.
//
// A run reads one object page by page. Each page is decoded as it streams in, copied to a staging table, and merged
// into leads, lists, counters and the cursor in one transaction; so whatever the moment of a crash, the next run goes
// on exactly there. What the page says never lowers a do-not-call flag.
//
// It takes a pool or a transaction, returns values and knows no queue. It may import store, lead and salesforce.
package crm
