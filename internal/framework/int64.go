package framework

import (
	"context"
	"fmt"
	"math/big"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// WholeNumberType is [types.Int64Type] with an error of its own for a number that is not whole, such as 1.5: the
// framework's blames the provider. Its values are those of [types.Int64].
type WholeNumberType struct{ basetypes.Int64Type }

var _ basetypes.Int64Typable = WholeNumberType{}

func (WholeNumberType) String() string { return "framework.WholeNumberType" }

// Equal also accepts the type of its values, so that an object with such an attribute accepts them.
func (WholeNumberType) Equal(other attr.Type) bool {
	switch other.(type) {
	case WholeNumberType, basetypes.Int64Type:
		return true
	}
	return false
}

// ValueFromTerraform rounds a fraction rather than fail: Validate reports it.
func (t WholeNumberType) ValueFromTerraform(ctx context.Context, in tftypes.Value) (attr.Value, error) {
	number, ok := numberOf(in)
	if !ok {
		return t.Int64Type.ValueFromTerraform(ctx, in)
	}
	whole, _ := number.Int64()
	return types.Int64Value(whole), nil
}

// Validate rejects fractions and numbers out of range.
func (t WholeNumberType) Validate(ctx context.Context, in tftypes.Value, at path.Path) diag.Diagnostics {
	number, ok := numberOf(in)
	if !ok {
		return t.Int64Type.Validate(ctx, in, at)
	}
	rule := ""
	if _, accuracy := number.Int64(); !number.IsInt() {
		rule = "must be a whole number"
	} else if accuracy != big.Exact {
		rule = "must be a number of at most 18 digits"
	}
	if rule == "" {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid number", fmt.Sprintf("%s %s, got: %s.", at, rule, number.Text('g', -1)))}
}

// numberOf returns the number in a value, and false if it is null or unknown.
func numberOf(in tftypes.Value) (*big.Float, bool) {
	if in.Type() == nil || !in.Type().Equal(tftypes.Number) || in.IsNull() || !in.IsKnown() {
		return nil, false
	}
	number := new(big.Float)
	return number, in.As(&number) == nil
}
