// Package elevenlabssim is a simulator of the ElevenLabs Agents API for the demo, the tests and the load programs. It is an
// http.Handler that speaks the provider's wire format and counts for itself which phones rang, so that its account of what
// happened is independent of the client's. It imports the standard library only, and never the client package: a mistake shared
// by both sides would prove nothing.
//
// A call's life cycle is a pure function of its start, its scripted dialogue, the speed and the time: there is no timer and no
// goroutine per call, and a transcript is rendered when somebody asks for it. Everything is deterministic by seed: who answers
// depends on the seed, the number and how often that number was called before, whatever the order of calls.
package elevenlabssim
