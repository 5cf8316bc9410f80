package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types are those of Terraform's "JSON output format" for provider schemas.

type documentJSON struct {
	FormatVersion string                  `json:"format_version"`
	Providers     map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider      schemaJSON              `json:"provider"`
	Resources     map[string]schemaJSON   `json:"resource_schemas,omitempty"`
	DataSources   map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
	Identities    map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
	ListResources map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
	Actions       map[string]actionJSON   `json:"action_schemas,omitempty"`
}

type schemaJSON struct {
	Version int64     `json:"version"`
	Block   blockJSON `json:"block"`
}

type actionJSON struct {
	Block blockJSON `json:"block"`
}

type blockJSON struct {
	Attributes      map[string]attributeJSON   `json:"attributes,omitempty"`
	BlockTypes      map[string]nestedBlockJSON `json:"block_types,omitempty"`
	Description     string                     `json:"description,omitempty"`
	DescriptionKind string                     `json:"description_kind,omitempty"`
	Deprecated      bool                       `json:"deprecated,omitempty"`
}

type nestedBlockJSON struct {
	NestingMode string    `json:"nesting_mode"`
	Block       blockJSON `json:"block"`
	MinItems    int64     `json:"min_items,omitempty"`
	MaxItems    int64     `json:"max_items,omitempty"`
}

type attributeJSON struct {
	Type            tftypes.Type      `json:"type,omitempty"`
	NestedType      *nestedObjectJSON `json:"nested_type,omitempty"`
	Description     string            `json:"description,omitempty"`
	DescriptionKind string            `json:"description_kind,omitempty"`
	Deprecated      bool              `json:"deprecated,omitempty"`
	Required        bool              `json:"required,omitempty"`
	Optional        bool              `json:"optional,omitempty"`
	Computed        bool              `json:"computed,omitempty"`
	Sensitive       bool              `json:"sensitive,omitempty"`
	WriteOnly       bool              `json:"write_only,omitempty"`
}

type nestedObjectJSON struct {
	Attributes  map[string]attributeJSON `json:"attributes,omitempty"`
	NestingMode string                   `json:"nesting_mode"`
}

type identityJSON struct {
	Version    int64                            `json:"version"`
	Attributes map[string]identityAttributeJSON `json:"attributes,omitempty"`
}

type identityAttributeJSON struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

func newProvider(schemas *tfprotov6.GetProviderSchemaResponse, identities *tfprotov6.GetResourceIdentitySchemasResponse) providerJSON {
	return providerJSON{
		Provider:      newSchema(schemas.Provider),
		Resources:     each(schemas.ResourceSchemas, newSchema),
		DataSources:   each(schemas.DataSourceSchemas, newSchema),
		Identities:    each(identities.IdentitySchemas, newIdentity),
		ListResources: each(schemas.ListResourceSchemas, newSchema),
		Actions: each(schemas.ActionSchemas, func(s *tfprotov6.ActionSchema) actionJSON {
			return actionJSON{newBlock(s.Schema.Block)}
		}),
	}
}

func each[From, To any](all map[string]From, convert func(From) To) map[string]To {
	converted := map[string]To{}
	for name, one := range all {
		converted[name] = convert(one)
	}
	return converted
}

func newSchema(s *tfprotov6.Schema) schemaJSON {
	return schemaJSON{Version: s.Version, Block: newBlock(s.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) blockJSON {
	block := blockJSON{
		Attributes: newAttributes(b.Attributes), Description: b.Description, DescriptionKind: kind(b.DescriptionKind), Deprecated: b.Deprecated,
	}
	for _, nested := range b.BlockTypes {
		if block.BlockTypes == nil {
			block.BlockTypes = map[string]nestedBlockJSON{}
		}
		block.BlockTypes[nested.TypeName] = nestedBlockJSON{
			NestingMode: strings.ToLower(nested.Nesting.String()), Block: newBlock(nested.Block), MinItems: nested.MinItems, MaxItems: nested.MaxItems,
		}
	}
	return block
}

func newAttributes(all []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	attributes := map[string]attributeJSON{}
	for _, a := range all {
		attribute := attributeJSON{
			Type: a.Type, Description: a.Description, DescriptionKind: kind(a.DescriptionKind), Deprecated: a.Deprecated,
			Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive, WriteOnly: a.WriteOnly,
		}
		if a.NestedType != nil {
			attribute.NestedType = &nestedObjectJSON{
				Attributes: newAttributes(a.NestedType.Attributes), NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}
		attributes[a.Name] = attribute
	}
	return attributes
}

func kind(k tfprotov6.StringKind) string { return strings.ToLower(k.String()) }

func newIdentity(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	identity := identityJSON{Version: s.Version, Attributes: map[string]identityAttributeJSON{}}
	for _, a := range s.IdentityAttributes {
		identity.Attributes[a.Name] = identityAttributeJSON{
			Type: a.Type, Description: a.Description, RequiredForImport: a.RequiredForImport, OptionalForImport: a.OptionalForImport,
		}
	}
	return identity
}
