package atlassim

import (
	"encoding/hex"
	"math/rand/v2"
	"regexp"
	"time"
)

// idSource makes ObjectIds: four bytes of time, five that stay the same for this process, three that count.
type idSource struct {
	process [5]byte
	counter uint32
}

func newIDSource(random *rand.Rand) idSource {
	var source idSource
	for i := range source.process {
		source.process[i] = byte(random.UintN(256))
	}
	source.counter = random.Uint32N(1 << 23)
	return source
}

// next returns an ID whose time is at.
func (s *idSource) next(at time.Time) string {
	s.counter = (s.counter + 1) & 0xffffff
	seconds := uint32(at.Unix())
	return hex.EncodeToString([]byte{
		byte(seconds >> 24), byte(seconds >> 16), byte(seconds >> 8), byte(seconds),
		s.process[0], s.process[1], s.process[2], s.process[3], s.process[4],
		byte(s.counter >> 16), byte(s.counter >> 8), byte(s.counter),
	})
}

var objectID = regexp.MustCompile(`^[a-f0-9]{24}$`)
