// Package salesforcesim is a simulator of a Salesforce org for the demo, the tests and the load programs. It is an http.Handler
// that speaks the wire of the OAuth endpoints, the REST API and the Bulk API 2.0, and counts for itself what reached it. It imports
// the standard library only, and never the client package: a mistake shared by both sides would prove nothing.
//
// An org has from 0 to 5,000,000 generated records. They are not held in memory: what a generated record contains is a pure function of
// the seed and its index, and their index order is their order by (SystemModstamp, Id). Edits lie over them in an overlay. A query by
// that keyset therefore costs what its page holds and not what the org holds.
//
// Everything is deterministic by seed and by the injected clock. Names are invented; telephone numbers are 555-0100 to 555-0199, which
// are kept free for fiction, behind real area codes.
package salesforcesim
