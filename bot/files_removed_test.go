package bot_test

import (
	"strings"
	"testing"
	"time"

	"plusofon-bot/bot/bottest"
	"plusofon-bot/bot/telegram/telegramtest"
	"plusofon-bot/plusofon/plusofontest"
)

// A copy is restored whose answer with files had been sent without them, and its author is
// removed while the files are looked for: what is left of them ends.
func TestFilesOfARemovedPersonInARestoredCopy(t *testing.T) {
	t.Parallel()
	bottest.Run(t, bottest.Options{Signing: "never", Plusofon: plusofontest.Config{Attachments: plusofontest.ByLink}}, func(t *testing.T, w *bottest.World) {
		w.Invited(w.Boris)
		w.Boris.Send("/new Касса\nПодробности")
		receipt := w.Reads(w.Boris, "opened", "Касса")
		id := w.Newest()
		w.Plusofon.Switch(plusofontest.Switches{Down: true})
		file := func(name string) telegramtest.Item {
			return telegramtest.Item{Kind: "document", File: telegramtest.File{Name: name, Content: []byte("x")}}
		}
		items := []telegramtest.Item{file("a.txt"), file("b.txt")}
		items[0].Caption = "два файла"
		album := w.Boris.SendAlbum(items, receipt.ID)
		w.Reacts(w.Boris, album[0].ID, "👀")
		restore := copied(w)
		restore()
		w.Plusofon.Switch(plusofontest.Switches{})
		w.Plusofon.CustomerReply(id, "два файла") // by the original, which ended then
		w.Start()
		w.Logged("a request of unknown outcome had arrived")
		w.Passes(time.Second) // the first file is not there; the second is looked for
		w.Anna.Send("/users")
		list := w.Reads(w.Anna, "Boris")
		w.Anna.PressForged(list.ID, "remove:200")
		asks := w.Sees(w.Anna, "whether to remove", func(m telegramtest.Message) bool { _, ok := m.Button("Закрыть доступ"); return ok })
		w.Anna.Press(asks.ID, "Закрыть доступ")
		w.Passes(time.Hour)
		if strings.Contains(w.Log.String(), "panic") {
			t.Error("a file's request panics")
		}
		w.AtRest()
	})
}
