package snapshot

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

// Values of on_expiry.
const (
	onExpiryRecreate = "recreate"
	onExpiryKeep     = "keep"
)

// statusExpired is the status of an expired snapshot that on_expiry keeps in the state. Atlas has no such status.
const statusExpired = "expired"

// statusDeleted is the status of a snapshot that was deleted outside of Terraform while a rotation still had others to delete: they
// stay in the state with it. Atlas has no such status.
const statusDeleted = "deleted"

// maxRetentionInDays is a hundred years. Atlas documents no bound; this one keeps every sum with a retention within the 292 years of
// a [time.Duration].
const maxRetentionInDays = 36500

func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages an on-demand snapshot of a dedicated Atlas cluster. Creation waits until Atlas has completed the snapshot.",
		Attributes:          resourceAttributes(),
		Blocks: map[string]schema.Block{
			"timeouts": timeoutsBlock(ctx),
		},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, Update: true, Delete: true,
		CreateDescription: "Time limit for creation, such as `90m`, including the wait for another snapshot of the cluster. Default `3h`.",
		UpdateDescription: "Time limit for a rotation, a change of the retention or a resumed wait. Default `3h`.",
		DeleteDescription: "Time limit for deletion, including the wait for a snapshot in progress: Atlas deletes it only once it is completed. Default `3h`.",
	})
	if nested, ok := block.(schema.SingleNestedBlock); ok {
		nested.MarkdownDescription = "Time limits for operations."
		framework.ValidateTimeouts(nested.Attributes)
		return nested
	}
	return block
}

func (r *Resource) IdentitySchema(_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse) {
	resp.IdentitySchema = identityschema.Schema{
		Attributes: map[string]identityschema.Attribute{
			"project_id":   identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the Atlas project."},
			"cluster_name": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the cluster."},
			"snapshot_id":  identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the snapshot."},
		},
	}
}

func resourceAttributes() map[string]schema.Attribute {
	attributes := computedAttributes()
	attributes["project_id"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "ID of the Atlas project (24 hexadecimal digits). Changing this forces a new snapshot.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          framework.ObjectIDValidators(),
	}
	attributes["cluster_name"] = schema.StringAttribute{
		Required:            true,
		MarkdownDescription: "Name of the dedicated cluster (M10 or larger). Changing this forces a new snapshot.",
		PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
		Validators:          framework.ClusterNameValidators(),
	}
	attributes["retention_in_days"] = schema.Int64Attribute{
		Required: true, CustomType: framework.WholeNumberType{},
		MarkdownDescription: "Number of days that Atlas keeps the snapshot, from 1 to 36500. Changing this moves the expiry of the existing " +
			"snapshot in place and never takes a new one. A value below the age of the snapshot is an error: see `allow_immediate_expiry`.",
		Validators: []validator.Int64{int64validator.Between(1, maxRetentionInDays)},
	}
	attributes["allow_immediate_expiry"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether `retention_in_days` can be lowered below the age of the snapshot, which makes Atlas delete the snapshot at " +
			"once. Default `false`.",
	}
	attributes["description"] = schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Description of the snapshot. Atlas cannot change it, so changing this [rotates](#rotation) the snapshot: a new one is " +
			"completed before the old one is deleted or, with `skip_destroy`, left in Atlas.",
		Validators: []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	attributes["triggers"] = schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Arbitrary map of values that, when changed, [rotates](#rotation) the snapshot: a new one is completed before the old " +
			"one is deleted or, with `skip_destroy`, left in Atlas. Adding the first triggers to an existing snapshot, such as an imported one, or " +
			"removing all of them does not rotate it.",
	}
	attributes["skip_destroy"] = schema.BoolAttribute{
		Optional: true, Computed: true,
		Default: booldefault.StaticBool(false),
		MarkdownDescription: "Whether to leave the snapshot in Atlas until it expires, instead of deleting it, when this resource is destroyed or " +
			"rotated. Default `false`. A destroy uses the value in the state, so apply a change first; a rotation uses the value in the configuration.",
	}
	attributes["on_expiry"] = schema.StringAttribute{
		Optional: true, Computed: true,
		Default: stringdefault.StaticString(onExpiryKeep),
		MarkdownDescription: "Behavior after the snapshot expires (Atlas deletes it at its `expires_at`): `keep` (default) plans no change and leaves " +
			"the resource in the state with the status `expired`; `recreate` plans a new snapshot.",
		Validators: []validator.String{stringvalidator.OneOf(onExpiryRecreate, onExpiryKeep)},
	}
	return attributes
}

// The computed attributes have no plan modifiers: ModifyPlan plans all of them at once.

func computedString(description string) schema.StringAttribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func computedTime(description string) schema.StringAttribute {
	attribute := computedString(description)
	attribute.CustomType = timetypes.RFC3339Type{}
	return attribute
}

func computedStrings(description string) schema.ListAttribute {
	return schema.ListAttribute{Computed: true, ElementType: types.StringType, MarkdownDescription: description}
}

// computedAttributes returns the attributes of a snapshot.
func computedAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"id":          computedString("ID of the resource, `project_id/cluster_name/snapshot_id`. It is also the import ID."),
		"snapshot_id": computedString(attributeDescriptions["snapshot_id"]),
		"status": computedString(attributeDescriptions["status"] + " The provider adds `expired` (see `on_expiry`), and `deleted` for a snapshot " +
			"that somebody deletes before its [rotation](#rotation) has deleted the old one."),
		"type":               computedString(attributeDescriptions["type"]),
		"snapshot_type":      computedString(attributeDescriptions["snapshot_type"]),
		"frequency_type":     computedString(attributeDescriptions["frequency_type"]),
		"created_at":         computedTime(attributeDescriptions["created_at"]),
		"expires_at":         computedTime(attributeDescriptions["expires_at"]),
		"mongod_version":     computedString(attributeDescriptions["mongod_version"]),
		"storage_size_bytes": schema.Int64Attribute{Computed: true, MarkdownDescription: attributeDescriptions["storage_size_bytes"]},
		"cloud_provider":     computedString(attributeDescriptions["cloud_provider"]),
		"replica_set_name":   computedString(attributeDescriptions["replica_set_name"]),
		"copy_regions":       computedStrings(attributeDescriptions["copy_regions"]),
		"policy_items":       computedStrings(attributeDescriptions["policy_items"]),
		"master_key_uuid":    computedString(attributeDescriptions["master_key_uuid"]),
		"config_server_type": computedString(attributeDescriptions["config_server_type"]),
		"snapshot_ids":       computedStrings(attributeDescriptions["snapshot_ids"]),
		"members": schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: attributeDescriptions["members"],
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"id":               schema.StringAttribute{Computed: true, MarkdownDescription: attributeDescriptions["members.id"]},
				"cloud_provider":   schema.StringAttribute{Computed: true, MarkdownDescription: attributeDescriptions["members.cloud_provider"]},
				"replica_set_name": schema.StringAttribute{Computed: true, MarkdownDescription: attributeDescriptions["members.replica_set_name"]},
			}},
		},
	}
}

// attributeDescriptions are the descriptions of a snapshot's attributes, in the resource and the data sources.
var attributeDescriptions = map[string]string{
	"snapshot_id":   "ID of the snapshot (24 hexadecimal digits).",
	"status":        "Current status: `queued`, `inProgress`, `completed` or `failed`.",
	"type":          "Type of the cluster: `replicaSet` or `shardedCluster`.",
	"snapshot_type": "Origin of the snapshot: `onDemand`, `scheduled` or `fallback`.",
	"description":   "Description that the snapshot was requested with.",
	"frequency_type": "Frequency of the backup policy that took the snapshot: `hourly`, `daily`, `weekly`, `monthly` or `yearly`. `ondemand` " +
		"for an on-demand snapshot.",
	"created_at": "Time at which Atlas took the snapshot (RFC 3339, UTC), between its request and its completion. Null until then.",
	"expires_at": "Time at which Atlas deletes the snapshot (RFC 3339, UTC). Atlas counts the retention from the completion, so the value " +
		"moves until then.",
	"mongod_version":           "MongoDB version of the cluster when the snapshot was taken.",
	"storage_size_bytes":       "Size of the stored snapshot in bytes. 0 until the snapshot is completed.",
	"cloud_provider":           "Cloud provider that stores the snapshot: `AWS`, `AZURE` or `GCP`. Null for a sharded cluster: see `members`.",
	"replica_set_name":         "Name of the replica set. Null for a sharded cluster: see `members`.",
	"copy_regions":             "Regions that Atlas copies the snapshot to.",
	"policy_items":             "IDs of the backup policy items that requested the snapshot.",
	"master_key_uuid":          "ID of the AWS KMS key that encrypts the snapshot. Null without encryption at rest.",
	"config_server_type":       "Type of the config servers of a sharded cluster: `EMBEDDED` or `DEDICATED`.",
	"snapshot_ids":             "IDs of the snapshots of the shards and config servers of a sharded cluster.",
	"members":                  "Snapshots of the shards and config servers of a sharded cluster.",
	"members.id":               "ID of the member's snapshot.",
	"members.cloud_provider":   "Cloud provider that stores the member's snapshot.",
	"members.replica_set_name": "Name of the replica set of the shard or config servers.",
}
