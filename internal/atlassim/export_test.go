package atlassim

import (
	"maps"
	"reflect"
	"slices"
)

// Operation is what tests see of an operation.
type Operation struct {
	Method, Path string
	Versions     []string
}

// Operations returns all that the simulator can do.
func Operations() []Operation {
	var all []Operation
	for _, one := range operations {
		shown := Operation{Method: one.method, Path: one.path}
		for _, version := range one.versions {
			shown.Versions = append(shown.Versions, version.date)
		}
		all = append(all, shown)
	}
	return all
}

// ErrorCodes returns all that the simulator can answer, by itself or by a fault.
func ErrorCodes() []string {
	return slices.Sorted(maps.Keys(merged(errorTemplates, assumedErrors)))
}

func merged(a, b map[string]errorTemplate) map[string]errorTemplate {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// BehaviorNames returns how many switches a control request can name.
func BehaviorNames() int { return len(new(Behavior).fields()) }

// BehaviorFields returns how many switches there are.
func BehaviorFields() int { return reflect.TypeFor[Behavior]().NumField() }
