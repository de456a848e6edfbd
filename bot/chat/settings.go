package chat

import (
	"fmt"
	"time"
)

// ZoneLabel is a zone's name with its UTC offset.
func (r Locale) ZoneLabel(now time.Time, name, key string) string {
	z, ok := zoneByName(name)
	if !ok {
		return r.T(key)
	}
	_, offset := now.In(z).Zone()
	return fmt.Sprintf("%s (UTC%+d)", r.T(key), offset/3600)
}
