package atlas

import "testing"

func TestIsOlderRelease(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		version, than string
		want          bool
	}{
		{"7.0.29", "8.0.1", true},
		{"8.0.1", "8.0.29", false},
		{"8.0.29", "8.2.0", true},
		{"8.2.0", "8.0.29", false},
		{"10.0.0", "9.0.0", false},
		{"9.0.0", "10.0.0", true},
		{"", "8.0.0", false},
		{"8", "9.0.0", false},
		{"8.0.0", "next", false},
	} {
		if got := IsOlderRelease(c.version, c.than); got != c.want {
			t.Errorf("%q is older than %q: %t, expected %t", c.version, c.than, got, c.want)
		}
	}
}
