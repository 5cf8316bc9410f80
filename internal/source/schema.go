package source

import (
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/attribute"
)

// ProjectID is the argument project_id.
func ProjectID() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "ID of the Atlas project (24 hexadecimal digits).",
		Validators: attribute.ObjectID(),
	}
}

// Name is the argument that names a cluster or a serverless instance.
func Name(description string) schema.StringAttribute {
	return schema.StringAttribute{Required: true, MarkdownDescription: description, Validators: attribute.ClusterName()}
}

// SnapshotID is the argument snapshot_id of a data source that reads nothing but by id.
func SnapshotID() schema.StringAttribute {
	return schema.StringAttribute{
		Required: true, MarkdownDescription: "ID of the snapshot (24 hexadecimal digits).",
		Validators: attribute.ObjectID(),
	}
}

// Filter is an argument that narrows down what is read. Any of values may be asked for, or, where there are none, any text.
func Filter(description string, values ...string) schema.StringAttribute {
	filter := schema.StringAttribute{
		Optional: true, MarkdownDescription: description,
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	if len(values) > 0 {
		filter.Validators = []validator.String{stringvalidator.OneOf(values...)}
	}
	return filter
}

// TimeFilter is a [Filter] by a moment.
func TimeFilter(description string) schema.StringAttribute {
	return schema.StringAttribute{Optional: true, MarkdownDescription: description, Validators: attribute.Moment()}
}

// String is an attribute that Atlas fills in.
func String(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// Time is a moment that Atlas fills in.
func Time(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: description}
}

// Int64 is a number that Atlas fills in.
func Int64(description string) schema.Int64Attribute {
	return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
}

// Strings is a list that Atlas fills in.
func Strings(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// Objects is a list of objects that Atlas fills in.
func Objects(description string, attributes map[string]schema.Attribute) schema.ListNestedAttribute {
	return schema.ListNestedAttribute{
		Computed: true, MarkdownDescription: description,
		NestedObject: schema.NestedAttributeObject{Attributes: attributes},
	}
}
