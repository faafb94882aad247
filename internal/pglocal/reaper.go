//go:build linux || darwin

package pglocal

import (
	_ "embed"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
)

//go:embed reaper.sh
var reaperScript string

// reaper is the process that outlives this one to remove its cluster. It sits in a session of its own, so that a
// signal from the terminal does not reach it, and waits for the end of a pipe that only this process can write to.
type reaper struct {
	mu   sync.Mutex
	pipe *os.File
	cmd  *exec.Cmd
}

// startReaper starts the reaper of dir, which removes files as well when it was told
// to keep the cluster for another process. It inherits owner, the lock file of the
// directory, so that nobody takes the directory for abandoned while the reaper lives.
func startReaper(dir string, owner *os.File, files ...string) (*reaper, error) {
	read, write, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("making a pipe to the reaper: %w", err)
	}
	defer read.Close()
	cmd := exec.Command("sh", append([]string{"-c", reaperScript, "henk-reaper", dir}, files...)...)
	cmd.Dir = "/"
	cmd.Stdin = read
	cmd.ExtraFiles = []*os.File{owner}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		write.Close()
		return nil, fmt.Errorf("starting the reaper: %w", err)
	}
	return &reaper{pipe: write, cmd: cmd}, nil
}

// tell sends one line. An error means that the reaper was killed; then the next Start is the net.
func (r *reaper) tell(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	_, _ = fmt.Fprintf(r.pipe, format+"\n", args...)
}

// release lets the reaper finish what is left to do and waits for it.
func (r *reaper) release() {
	r.mu.Lock()
	r.pipe.Close()
	r.mu.Unlock()
	_ = r.cmd.Wait() // its exit code tells nothing that a look at the directory does not
}
