package state

import (
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ErrLocked means that another process has the database open.
var ErrLocked = errors.New("another copy of the program has this database open")

// fileLock is an advisory lock that the kernel releases with the process, however it
// ends.
type fileLock struct{ f *os.File }

// IsHeld takes the lock for a moment in order to test it, so retry.
const (
	lockTries = 10
	lockPause = 10 * time.Millisecond
)

func lockFile(path string) (*fileLock, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open lock file: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	for n := 0; n < lockTries && errors.Is(err, syscall.EWOULDBLOCK); n++ {
		time.Sleep(lockPause)
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	if err != nil {
		err = errors.Join(err, f.Close())
		if errors.Is(err, syscall.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock %s: %w", path, ErrLocked)
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	return &fileLock{f}, nil
}

// release leaves the file in place: removing it would allow two processes to lock two
// files of the same name.
func (l *fileLock) release() error { return l.f.Close() }
