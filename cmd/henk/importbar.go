package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"golang.org/x/term"
)

// progressBar draws one line over and over on a terminal, and nothing anywhere else.
type progressBar struct {
	w           io.Writer
	what        string
	began, last time.Time
	drawn       bool
}

func newProgressBar(w io.Writer, what string) *progressBar {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		w = nil
	}
	return &progressBar{w: w, what: what, began: time.Now()}
}

const barWidth = 30

// show draws part of whole; whole 0 is not known. count things are done so far; negative: there is nothing to count.
func (p *progressBar) show(part, whole, count int64) {
	now := time.Now()
	if p.w == nil || now.Sub(p.last) < 100*time.Millisecond {
		return
	}
	p.last, p.drawn = now, true
	rate := float64(count) / max(now.Sub(p.began).Seconds(), 0.001)
	if whole <= 0 {
		fmt.Fprintf(p.w, "\r\x1b[K%d %s, %.0f a second", count, p.what, rate)
		return
	}
	done := min(max(float64(part)/float64(whole), 0), 1)
	left := ""
	if spent := now.Sub(p.began); done > 0.02 && spent > time.Second {
		left = ", " + time.Duration(float64(spent)*(1-done)/done).Round(time.Second).String() + " left"
	}
	text := fmt.Sprintf("%d %s, %.0f a second", count, p.what, rate)
	if count < 0 {
		text = p.what
	}
	full := int(done * barWidth)
	fmt.Fprintf(p.w, "\r\x1b[K[%s%s] %3.0f%%  %s%s", strings.Repeat("=", full), strings.Repeat(" ", barWidth-full), done*100, text, left)
}

// clear takes the line away.
func (p *progressBar) clear() {
	if p.drawn {
		fmt.Fprint(p.w, "\r\x1b[K")
		p.drawn = false
	}
}
