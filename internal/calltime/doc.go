// Package calltime decides at which instants a person may be called: it reads times of day and time zones as people and
// CRMs write them, and finds the span in which the wall clock is inside every calling hour in every zone the person may be in.
//
// It is pure: no clock, no database, no network. It may import the standard library only.
// What it cannot decide it answers with "not open".
package calltime
