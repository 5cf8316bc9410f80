package atlassim

import (
	"bytes"
	"slices"
	"strings"
)

// prettyJSON writes a body the way the recorded 401 is printed: two spaces a level, a space on both sides of the colon,
// and arrays on the line they start on. encoding/json has no such style.
func prettyJSON(body any) []byte {
	var buffer bytes.Buffer
	writePretty(&buffer, body, 0)
	return buffer.Bytes()
}

func writePretty(buffer *bytes.Buffer, value any, depth int) {
	switch typed := value.(type) {
	case object:
		writePrettyObject(buffer, typed, depth)
	case []object:
		writePrettyArray(buffer, typed, depth)
	case []string:
		writePrettyArray(buffer, typed, depth)
	case []any:
		writePrettyArray(buffer, typed, depth)
	default:
		buffer.Write(compactJSON(value))
	}
}

func writePrettyObject(buffer *bytes.Buffer, value object, depth int) {
	if len(value) == 0 {
		buffer.WriteString("{ }")
		return
	}
	keys := make([]string, 0, len(value))
	for key := range value {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	separator := "{\n"
	for _, key := range keys {
		buffer.WriteString(separator + strings.Repeat("  ", depth+1))
		buffer.Write(compactJSON(key))
		buffer.WriteString(" : ")
		writePretty(buffer, value[key], depth+1)
		separator = ",\n"
	}
	buffer.WriteString("\n" + strings.Repeat("  ", depth) + "}")
}

func writePrettyArray[T any](buffer *bytes.Buffer, values []T, depth int) {
	separator := "[ "
	for _, value := range values {
		buffer.WriteString(separator)
		writePretty(buffer, value, depth)
		separator = ", "
	}
	if len(values) == 0 {
		buffer.WriteString("[")
	}
	buffer.WriteString(" ]")
}
