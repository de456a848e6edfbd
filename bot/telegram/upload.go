package telegram

import (
	"errors"
	"io"
	"sync"
)

// uploadSource passes a file to the library's multipart writer. It records whether the file
// itself failed: then the request was aborted, and an incomplete one has no effect.
type uploadSource struct {
	name string
	file io.ReadCloser

	mu     sync.Mutex
	err    error
	closed bool
}

func (s *uploadSource) NeedsUpload() bool                      { return true }
func (s *uploadSource) UploadData() (string, io.Reader, error) { return s.name, s, nil }
func (s *uploadSource) SendData() string                       { return "" }

func (s *uploadSource) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		s.mu.Lock()
		s.err = err
		s.mu.Unlock()
	}
	return n, err
}

func (s *uploadSource) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	return s.file.Close()
}

func (s *uploadSource) failure() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}
