package telegram

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Upload is a file of a call.
type Upload struct {
	Field string // the parameter that it is sent as
	Name  string
	Open  func(context.Context) (io.ReadCloser, error)
}

// uploadSource passes a file to the library's multipart writer. It records whether the file
// itself failed: then the request was aborted, and an incomplete one has no effect.
type uploadSource struct {
	ctx    context.Context //nolint:containedctx // of the call
	upload Upload

	mu     sync.Mutex
	file   io.ReadCloser // nil before it is opened
	err    error
	closed bool
}

func (s *uploadSource) NeedsUpload() bool { return true }
func (s *uploadSource) SendData() string  { return "" }

func (s *uploadSource) UploadData() (string, io.Reader, error) {
	err := s.open()
	return SafeFileName(s.upload.Name), s, err
}

// errUploadOver means that the call has ended before the file was opened.
var errUploadOver = errors.New("the call is over")

// open opens the file if it is not open yet.
func (s *uploadSource) open() error {
	s.mu.Lock()
	file, closed := s.file, s.closed
	s.mu.Unlock()
	switch {
	case closed:
		return errUploadOver
	case file != nil:
		return nil
	}
	file, err := s.upload.Open(s.ctx)
	if err != nil {
		err = fmt.Errorf("open the file: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err == nil && s.closed {
		_ = file.Close() // nothing was read
		return errUploadOver
	}
	s.file, s.err = file, err
	return err
}

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
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}

// uploadSources are the files of one call.
type uploadSources []*uploadSource

// close closes the files: the library closes only those read to their end.
func (list uploadSources) close() {
	for _, s := range list {
		_ = s.Close() // only read
	}
}

// failure returns which file has failed, from 1, and why; 0 if none has.
func (list uploadSources) failure() (int, error) {
	for i, s := range list {
		s.mu.Lock()
		err := s.err
		s.mu.Unlock()
		if err != nil {
			return i + 1, err
		}
	}
	return 0, nil
}
