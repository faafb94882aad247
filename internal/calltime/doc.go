// Package calltime decides where a phone may be and at which instants it may be called: it reads times of day, time zones,
// postal codes and states as people and CRMs write them, weighs them against what the number says (Locate), and finds the
// spans in which the wall clock is inside every calling hour, in every zone and by the rules of every state (Judge, Spans).
//
// The facts are dated data with a source: data/ for ZIP codes and states, packs/ for the rules of the states.
// It is pure: no clock, no database, no network. It may import the standard library only.
// What it cannot decide it answers with "not open". Nothing in it is legal advice.
package calltime
