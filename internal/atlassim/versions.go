package atlassim

import (
	"regexp"
	"time"
)

// apiVersion is one version of an operation, named by its date.
type apiVersion struct {
	date string
	// deprecation and sunset are sent as they were recorded: a day below ten has no zero in front of it.
	deprecation, sunset string
	// gone is the instant from which the version answers 410; zero for never.
	gone time.Time
	// resource is the first half of X-Java-Method for this version.
	resource string
}

var versionedType = regexp.MustCompile(`application/vnd\.atlas\.(\d{4}-\d{2}-\d{2})\+json\b`)

// negotiate resolves the Accept header to a version of the operation: the newest one that is not newer than the date
// asked for. Anything else is 406, and 410 if the version has been taken away.
func (c *call) negotiate() *apiError {
	match := versionedType.FindStringSubmatch(c.request.Header.Get("Accept"))
	if match == nil {
		return c.fail("INVALID_VERSION_DATE")
	}
	if _, err := time.Parse(time.DateOnly, match[1]); err != nil {
		return c.fail("INVALID_VERSION_DATE")
	}
	for _, version := range c.operation.versions {
		if version.date <= match[1] {
			c.version = version
		}
	}
	if c.version.date == "" {
		return c.fail("INVALID_VERSION_DATE")
	}
	if !c.version.gone.IsZero() && !c.now.Before(c.version.gone) {
		return c.fail("VERSION_GONE")
	}
	return nil
}

func (v apiVersion) mediaType() string {
	return "application/vnd.atlas." + v.date + "+json;charset=utf-8"
}
