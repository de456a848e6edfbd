package state

import (
	"bufio"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestPragmasAreInForce(t *testing.T) {
	s := open(t)
	for pragma, want := range map[string]string{
		"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1", "busy_timeout": "5000",
	} {
		var got string
		if err := s.db.QueryRow("PRAGMA " + pragma).Scan(&got); err != nil || got != want {
			t.Errorf("%s is %q (%v), want %q", pragma, got, err, want)
		}
	}
}

func TestPragmasAreReadBack(t *testing.T) {
	t.Parallel()
	for _, change := range []string{"synchronous = NORMAL", "foreign_keys = off", "busy_timeout = 1", "journal_mode = DELETE"} {
		s := open(t)
		if err := checkPragmas(s.db); err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.Exec("PRAGMA " + change); err != nil {
			t.Fatal(err)
		}
		if err := checkPragmas(s.db); err == nil {
			t.Errorf("after %q nothing is wrong", change)
		}
	}
}

func TestTransactionsBeginAsWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	other := rawDB(t, path)
	do(t, s, func(*Tx) error {
		if _, err := other.Exec(`INSERT INTO meta (key, value) VALUES ('a', 'b')`); err == nil {
			t.Error("somebody else wrote in the middle of a transaction that had only begun")
		}
		return nil
	})
}

func TestAnyPath(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"bot.db", "a b.db", "what?mode=ro.db", "no#1.db", "50%.db", "%3f.db", "Плюсофон.db", "a&b=c;d'e\".db", "file:x.db"} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), "база ?#%20")
			if err := os.Mkdir(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			path := filepath.Join(folder, name)
			s := openAt(t, path)
			do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
			entries, err := os.ReadDir(folder)
			if err != nil {
				t.Fatal(err)
			}
			var names []string
			for _, e := range entries {
				names = append(names, e.Name())
			}
			equal(t, "files", names, []string{name, name + "-shm", name + "-wal", name + ".lock"})
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			equal(t, "value", get(t, openAt(t, path), meta("k")), "v")
		})
	}
}

func TestRelativePath(t *testing.T) {
	t.Chdir(t.TempDir())
	s := openAt(t, "bot.db")
	if _, err := os.Stat("bot.db"); err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func TestOpenFailsWithWords(t *testing.T) {
	folder := t.TempDir()
	text := filepath.Join(folder, "text.db")
	if err := os.WriteFile(text, []byte("this is not a database, but long enough to be read as one, were it one at all......................"), 0o600); err != nil {
		t.Fatal(err)
	}
	for what, path := range map[string]string{
		"no folder":      filepath.Join(folder, "none", "bot.db"),
		"a folder":       folder,
		"not a database": text,
	} {
		t.Run(what, func(t *testing.T) {
			s, err := Open(path)
			if err == nil {
				t.Fatal("opened")
			}
			if s != nil {
				t.Error("a store came with the error")
			}
		})
	}
	// A failed Open holds no lock.
	if err := os.Remove(text); err != nil {
		t.Fatal(err)
	}
	openAt(t, text)
}

func TestOnlyItsUserReadsTheDatabase(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	do(t, openAt(t, path), func(tx *Tx) error { return tx.SetMeta("k", "v") })
	for _, suffix := range []string{"", "-wal", "-shm", ".lock"} {
		info, err := os.Stat(path + suffix)
		if err != nil {
			t.Fatal(err)
		}
		equal(t, "mode of bot.db"+suffix, info.Mode().Perm(), os.FileMode(0o600))
	}
}

func TestSecondOpenIsRefused(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "bot.db")
	s := openAt(t, path)
	link := filepath.Join(folder, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{path, filepath.Join(folder, ".", "x", "..", "bot.db"), link} {
		if _, err := Open(name); !errors.Is(err, ErrLocked) {
			t.Errorf("%s: error %v, want ErrLocked", name, err)
		}
	}
	do(t, s, func(tx *Tx) error { return tx.SetMeta("k", "v") })
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	equal(t, "value", get(t, openAt(t, link), meta("k")), "v")
}

func TestAnotherProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	command := func() *exec.Cmd {
		c := exec.CommandContext(t.Context(), os.Args[0])
		c.Env = append(os.Environ(), otherProcess+"="+path)
		c.Stderr = os.Stderr
		return c
	}
	s := openAt(t, path)
	var exit *exec.ExitError
	if err := command().Run(); !errors.As(err, &exit) || exit.ExitCode() != 3 {
		t.Fatalf("the other process ended with %v, want the code of ErrLocked", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}

	other := command()
	out, err := other.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "ready\n" {
		t.Fatalf("the other process said %q (%v)", line, err)
	}
	if _, err := Open(path); !errors.Is(err, ErrLocked) {
		t.Errorf("error %v while another process has the database, want ErrLocked", err)
	}
	if err := other.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := other.Wait(); err == nil {
		t.Fatal("the killed process ended well")
	}
	s = openAt(t, path)
	equal(t, "what the dead process committed", get(t, s, meta("committed")), "yes")
	equal(t, "what it did not commit", get(t, s, meta("uncommitted")), "")
}
