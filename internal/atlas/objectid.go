package atlas

import (
	"encoding/binary"
	"encoding/hex"
	"time"
)

// ObjectIDTime returns the second at which Atlas made an ID, by Atlas's clock: the first four bytes of it. For a snapshot that
// is the moment it was requested.
func ObjectIDTime(id string) (time.Time, bool) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != 12 {
		return time.Time{}, false
	}
	return time.Unix(int64(binary.BigEndian.Uint32(raw)), 0).UTC(), true
}

// timeOr returns at, or the time in the ID where Atlas does not say it (yet).
func timeOr(at *time.Time, id string) time.Time {
	if at != nil {
		return *at
	}
	made, _ := ObjectIDTime(id)
	return made
}
