package flexrestore

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-timeouts/resource/timeouts"
	"github.com/hashicorp/terraform-plugin-framework-timetypes/timetypes"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/atlasbackup/terraform-provider-atlasbackup/internal/framework"
)

func (r *Resource) Schema(ctx context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	attributes := computedAttributes()
	for name, a := range arguments {
		attributes[name] = a.attribute()
	}
	attributes["allow_repeat"] = schema.BoolAttribute{
		Optional: true,
		MarkdownDescription: "Whether to restore even if Atlas has completed the same restore onto the target within the last 24 hours and it is not in this " +
			"state. Default `false`: a run that was killed may have requested it. Set it to `true` for a target that holds nothing else, such as a scratch " +
			"cluster for drills.",
	}
	attributes["triggers"] = schema.MapAttribute{
		Optional:    true,
		ElementType: types.StringType,
		MarkdownDescription: "Arbitrary map of values that, when changed, run the restore again: the target is erased again. Nothing else does. Adding the " +
			"first triggers to an existing restore, such as an imported one, or removing all of them restores nothing.",
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "Restores a snapshot of a Flex cluster onto a cluster, and waits until Atlas has completed it. " +
			"**Atlas erases the target cluster first.**",
		Attributes: attributes,
		Blocks:     map[string]schema.Block{"timeouts": timeoutsBlock(ctx)},
	}
}

func timeoutsBlock(ctx context.Context) schema.Block {
	block := timeouts.Block(ctx, timeouts.Opts{
		Create: true, Update: true,
		CreateDescription: "Time limit for the restore, such as `6h`. Default `3h`.",
		UpdateDescription: "Time limit for a restore that `triggers` runs again, or for a resumed wait. Default `3h`.",
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
			"project_id":     identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the Atlas project of the snapshot."},
			"cluster_name":   identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the Flex cluster that the snapshot is of."},
			"restore_job_id": identityschema.StringAttribute{RequiredForImport: true, Description: "ID of the restore job."},
		},
	}
}

// argument is an argument that the resource and the action have in common.
type argument struct {
	description string
	required    bool
	// computed reports whether the resource has a value for it where the configuration has none.
	computed   bool
	validators []validator.String
	isBool     bool
}

// notAgain is what happens to an existing restore when an argument changes.
const notAgain = " Changing this alone restores nothing: see `triggers`."

const exactlyOne = " Exactly one of `snapshot_id` and `most_recent = true` is required."

var arguments = map[string]argument{
	"project_id": {
		required: true, validators: framework.ObjectIDValidators(),
		description: "ID of the Atlas project of the snapshot (24 hexadecimal digits).",
	},
	"cluster_name": {
		required: true, validators: framework.ClusterNameValidators(),
		description: "Name of the Flex cluster that the snapshot is of, the source.",
	},
	"snapshot_id": {
		validators:  framework.ObjectIDValidators(),
		description: "ID of the snapshot to restore (24 hexadecimal digits), which must be one of `cluster_name`." + exactlyOne,
	},
	"most_recent": {
		isBool: true,
		description: "Whether to restore the newest completed snapshot of the cluster at the time of the restore. See " +
			"`restored_snapshot_id` for which one that was." + exactlyOne,
	},
	"target_cluster_name": {
		required: true, validators: framework.ClusterNameValidators(),
		description: "Name of the cluster to restore onto, a Flex cluster or a dedicated replica set. **Atlas erases it before it restores.**",
	},
	"target_project_id": {
		computed: true, validators: framework.ObjectIDValidators(),
		description: "ID of the Atlas project of the target. Default: `project_id`.",
	},
	"erase_target": {
		required:    true,
		description: "Name of the target cluster once more, as confirmation that it may be erased: it must equal `target_cluster_name`.",
	},
}

// attribute returns the argument of the resource.
func (a argument) attribute() schema.Attribute {
	description := a.description
	if !a.required || a.isBool {
		description += notAgain
	}
	if a.isBool {
		return schema.BoolAttribute{Optional: true, MarkdownDescription: description}
	}
	return schema.StringAttribute{
		Required: a.required, Optional: !a.required, Computed: a.computed, MarkdownDescription: description, Validators: a.validators,
	}
}

// The computed attributes have no plan modifiers: ModifyPlan plans all of them at once.

func computedAttributes() map[string]schema.Attribute {
	text := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, MarkdownDescription: description}
	}
	at := func(description string) schema.Attribute {
		return schema.StringAttribute{Computed: true, CustomType: timetypes.RFC3339Type{}, MarkdownDescription: description}
	}
	seconds := func(description string) schema.Attribute {
		return schema.Int64Attribute{Computed: true, MarkdownDescription: description}
	}
	return map[string]schema.Attribute{
		"id":             text("ID of the resource, `project_id/cluster_name/restore_job_id`. It is also the import ID."),
		"restore_job_id": text("ID of the restore job (24 hexadecimal digits)."),
		"status": text("Status of the restore, as Atlas names it: `PENDING`, `QUEUED`, `RUNNING`, `COMPLETED` or `FAILED`. `unknown` if Atlas no longer has a job " +
			"that had not ended when it was last seen."),
		"restored_snapshot_id": text("ID of the snapshot that was restored."),
		"snapshot_created_at":  at("Time at which Atlas completed the restored snapshot (RFC 3339, UTC). Called `snapshotFinishedDate` in the API."),
		"requested_at":         at("Time at which the restore was requested (RFC 3339, UTC)."),
		"finished_at":          at("Time at which Atlas completed or failed the restore (RFC 3339, UTC). Null until then."),
		"duration_seconds":     seconds("Duration of the restore in seconds, from the request to its end: the recovery time."),
		"data_age_seconds": seconds("Age of the restored snapshot in seconds when the restore was requested, counted from `snapshot_created_at`: the recovery point." +
			" The data is older than that by the time the snapshot took, about a minute."),
	}
}
