package atlas

import (
	"strconv"
	"strings"
)

// IsOlderRelease reports whether a MongoDB version is older than another, without regard to patch releases. What is not a version is not older.
func IsOlderRelease(version, than string) bool {
	a, okA := releaseOf(version)
	b, okB := releaseOf(than)
	return okA && okB && (a[0] < b[0] || a[0] == b[0] && a[1] < b[1])
}

func releaseOf(version string) (release [2]int, ok bool) {
	parts := strings.Split(version, ".")
	if len(parts) < 2 {
		return release, false
	}
	for i := range release {
		number, err := strconv.Atoi(parts[i])
		if err != nil {
			return release, false
		}
		release[i] = number
	}
	return release, true
}
