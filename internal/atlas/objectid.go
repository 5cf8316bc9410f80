package atlas

import (
	"encoding/hex"
	"time"
)

// ObjectIDTime is the second at which Atlas made an id, by Atlas's clock: the first four bytes of it. For a snapshot that is
// the moment it was asked for.
func ObjectIDTime(id string) (time.Time, bool) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return time.Time{}, false
	}
	seconds := int64(raw[0])<<24 | int64(raw[1])<<16 | int64(raw[2])<<8 | int64(raw[3])
	return time.Unix(seconds, 0).UTC(), true
}
