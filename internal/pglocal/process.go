//go:build linux || darwin

package pglocal

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// processKey names a process so that a later one with the same id has another name. Where the system does not tell
// when it was started, the id has to do.
func processKey(pid int) string {
	return fmt.Sprintf("%d-%s", pid, processStart(pid))
}

// processStart returns when the process was started, in some form: on Linux the clock ticks since boot (field 22 of
// /proc/PID/stat, see proc(5)), elsewhere what ps says.
func processStart(pid int) string {
	if text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)); err == nil {
		// The second field is the program's name in parentheses and may contain anything.
		rest := string(text[strings.LastIndexByte(string(text), ')')+1:])
		if fields := strings.Fields(rest); len(fields) > 19 {
			return fields[19]
		}
	}
	out, err := exec.Command("ps", "-o", "lstart=", "-p", strconv.Itoa(pid)).Output()
	if err != nil {
		return "unknown"
	}
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r >= 'a' && r <= 'z' {
			return r
		}
		return -1
	}, string(out))
}
