package acctest

import (
	"encoding/json"
	"fmt"
	"math/big"
	"regexp"
	"strings"

	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// Checks are those of the attributes of an object, by name.
type Checks = map[string]knownvalue.Check

// The forms that any Atlas gives its values.
var (
	ObjectID       = knownvalue.StringRegexp(regexp.MustCompile(`^[0-9a-f]{24}$`))
	RFC3339        = knownvalue.StringRegexp(regexp.MustCompile(`^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$`))
	MongoDBVersion = knownvalue.StringRegexp(regexp.MustCompile(`^\d+\.\d+\.\d+$`))
)

// ExpectObject returns a state check of all that the state has at address: of an object with every attribute.
func ExpectObject(address string, check knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue(address, tfjsonpath.Path{}, check)
}

// EveryAttribute returns the check of an object all of whose attributes are checked: want returns a check for each, given the
// attributes themselves, so that it can look up the [Answer] for the ID in them.
func EveryAttribute(want func(attributes map[string]any) Checks) knownvalue.Check {
	return everyAttribute(want)
}

type everyAttribute func(attributes map[string]any) Checks

func (want everyAttribute) CheckValue(value any) error {
	attributes, ok := value.(map[string]any)
	if !ok {
		return fmt.Errorf("expected an object, got %T", value)
	}
	return knownvalue.ObjectExact(want(attributes)).CheckValue(attributes)
}

func (want everyAttribute) String() string { return "every attribute" }

// Checks returns a check of each attribute that names has: exactly the value that the answer has under the attribute's key,
// null where it has none. names has the attribute for each key of Atlas's, empty where there is none. A key that names lacks
// becomes an attribute that no state has, so that whoever checks all attributes notices it.
func (a Answer) Checks(names map[string]string) Checks {
	checks := Checks{}
	for key, name := range names {
		if name != "" {
			checks[name] = exactly(a[key])
		}
	}
	for key, value := range a {
		if _, known := names[key]; !known {
			checks[key] = exactly(value)
		}
	}
	return checks
}

// Exactly returns the check of the value of a variable.
func Exactly(variable config.Variable) knownvalue.Check {
	var value any
	encoded, err := json.Marshal(variable)
	if err == nil {
		err = decodeNumbers(encoded, &value)
	}
	if err != nil {
		panic(fmt.Sprintf("acctest: %#v: %v", variable, err))
	}
	return exactly(value)
}

var capital = regexp.MustCompile(`[A-Z]`)

// exactly returns the check of a value of Atlas's. The keys of objects become the names of attributes.
func exactly(value any) knownvalue.Check {
	switch v := value.(type) {
	case nil:
		return knownvalue.Null()
	case string:
		return knownvalue.StringExact(v)
	case bool:
		return knownvalue.Bool(v)
	case json.Number:
		number, _, err := big.ParseFloat(v.String(), 10, 512, big.ToNearestEven)
		if err == nil {
			return knownvalue.NumberExact(number)
		}
	case []any:
		elements := []knownvalue.Check{}
		for _, element := range v {
			elements = append(elements, exactly(element))
		}
		return knownvalue.ListExact(elements)
	case map[string]any:
		attributes := Checks{}
		for key, one := range v {
			attributes[strings.ToLower(capital.ReplaceAllString(key, "_$0"))] = exactly(one)
		}
		return knownvalue.ObjectExact(attributes)
	}
	panic(fmt.Sprintf("acctest: JSON has no %T", value))
}
