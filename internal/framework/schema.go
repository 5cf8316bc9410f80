package framework

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// ProjectIDAttribute returns the argument project_id of a data source.
func ProjectIDAttribute() schema.StringAttribute { return IDAttribute("Atlas project") }

// IDAttribute returns the argument with the ID of a noun.
func IDAttribute(noun string) schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "ID of the " + noun + " (24 hexadecimal digits).", Validators: ObjectIDValidators(),
	}
}

// ClusterNameAttribute returns the argument with the name of a cluster or serverless instance.
func ClusterNameAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: ClusterNameValidators()}
}

// FilterAttribute returns a filter: one of values, or any text if there are none.
func FilterAttribute(description string, values ...string) schema.StringAttribute {
	filter := schema.StringAttribute{
		Optional: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	if len(values) > 0 {
		filter.Validators = []validator.String{stringvalidator.OneOf(values...)}
	}
	return filter
}

// TimeFilterAttribute returns a filter by time.
func TimeFilterAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: TimeValidators()}
}

// ComputedString returns a computed string.
func ComputedString(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// ComputedTime returns a computed time.
func ComputedTime(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: description}
}

// ComputedInt64 returns a computed number.
func ComputedInt64(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

// ComputedStrings returns a computed list of strings.
func ComputedStrings(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// ComputedObjects returns a computed list of objects.
func ComputedObjects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}
