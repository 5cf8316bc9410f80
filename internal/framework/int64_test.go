package framework_test

import (
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

func TestWholeNumberType(t *testing.T) {
	t.Parallel()
	number := framework.WholeNumberType{}
	at := path.Root("days")
	for text, c := range map[string]struct {
		in   any
		want types.Int64
		said string
	}{
		"whole":              {7, types.Int64Value(7), ""},
		"whole with a point": {7.0, types.Int64Value(7), ""},
		"the largest":        {int64(1<<63 - 1), types.Int64Value(1<<63 - 1), ""},
		"null":               {nil, types.Int64Null(), ""},
		"unknown":            {tftypes.UnknownValue, types.Int64Unknown(), ""},
		"fraction":           {1.5, types.Int64Value(1), "days must be a whole number, got: 1.5."},
		"negative fraction":  {-0.25, types.Int64Value(0), "days must be a whole number, got: -0.25."},
		"too large":          {new(big.Float).SetMantExp(big.NewFloat(1), 63), types.Int64Value(1<<63 - 1), "days must be a number of at most 18 digits, got: 9.223372036854776e+18."},
	} {
		value := tftypes.NewValue(tftypes.Number, c.in)
		got, err := number.ValueFromTerraform(t.Context(), value)
		if err != nil || !got.Equal(c.want) {
			t.Errorf("%s: the value is %v (%v), expected %v", text, got, err, c.want)
		}
		diags := number.Validate(t.Context(), value, at)
		switch {
		case c.said == "" && len(diags) == 0:
		case c.said == "" || len(diags) != 1 || diags[0].Detail() != c.said:
			t.Errorf("%s: the diagnostics are %v, expected %q", text, diags, c.said)
		}
	}
	if _, err := number.ValueFromTerraform(t.Context(), tftypes.NewValue(tftypes.String, "7")); err == nil {
		t.Error("a text is no number")
	}
	if !number.Equal(number) || !number.Equal(types.Int64Type) || number.Equal(types.StringType) {
		t.Error("the type is equal to itself and to that of its values, and to no other")
	}
	// As in a resource's model: an object accepts the values that the type gives.
	types.ObjectValueMust(map[string]attr.Type{"days": number}, map[string]attr.Value{"days": types.Int64Value(7)})
}
