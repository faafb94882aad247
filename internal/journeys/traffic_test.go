package journeys

import (
	"fmt"
	"net/url"
	"slices"
	"sync"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
)

// traffic is what a tab fetched and complained about.
type traffic struct {
	mu       sync.Mutex
	paths    map[network.RequestID]string
	bytes    map[string]int // path -> bytes on the wire, headers included, since the last forget
	problems []string
	expected map[string]int64 // path -> the status of a refusal that the test provokes
	where    string
}

func newTraffic() *traffic {
	return &traffic{paths: map[network.RequestID]string{}, bytes: map[string]int{}, expected: map[string]int64{}}
}

// note is called in the order of the events.
func (s *traffic) note(event any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch e := event.(type) {
	case *page.EventFrameNavigated:
		if e.Frame.ParentID == "" {
			s.where = e.Frame.URL
		}
	case *network.EventRequestWillBeSent:
		s.paths[e.RequestID] = e.Request.URL
		if u, err := url.Parse(e.Request.URL); err == nil {
			s.paths[e.RequestID] = u.Path
			if u.Scheme != "data" && u.Hostname() != "127.0.0.1" {
				s.problems = append(s.problems, "the page asks "+u.Host+", which is not ours")
			}
		}
	case *network.EventResponseReceived:
		if e.Response.Status >= 400 && e.Response.Status != s.expected[s.paths[e.RequestID]] {
			s.problems = append(s.problems, fmt.Sprintf("%s is answered with %d", s.paths[e.RequestID], e.Response.Status))
		}
	case *network.EventLoadingFinished:
		s.bytes[s.paths[e.RequestID]] += int(e.EncodedDataLength)
	case *network.EventLoadingFailed:
		if !e.Canceled { // a page that is left cancels its stream
			s.problems = append(s.problems, fmt.Sprintf("%s failed: %s", s.paths[e.RequestID], e.ErrorText))
		}
	case *runtime.EventExceptionThrown:
		s.problems = append(s.problems, "a script failed: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			s.problems = append(s.problems, fmt.Sprintf("console.%s was called", e.Type))
		}
	case *log.EventEntryAdded:
		// What failed on the network is noted above.
		if e.Entry.Source != log.EntrySourceNetwork && (e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning) {
			s.problems = append(s.problems, fmt.Sprintf("%s: %s", e.Entry.Source, e.Entry.Text))
		}
	}
}

// expect says that a path will be refused with this status, because the test makes a mistake there.
func (s *traffic) expect(path string, status int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expected[path] = status
}

// forget starts the counts of bytes anew.
func (s *traffic) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.bytes)
}

// weight is the sum of what came since the last forget.
func (s *traffic) weight() (total int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, n := range s.bytes {
		total += n
	}
	return total
}

func (s *traffic) complaints() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.problems)
}

// page is where the tab is, for messages.
func (s *traffic) page() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.where
}
