package tfcore

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"
)

// stateFile is a state as Terraform writes it.
type stateFile struct {
	Version          int              `json:"version"`
	TerraformVersion string           `json:"terraform_version"`
	Serial           int              `json:"serial"`
	Lineage          string           `json:"lineage"`
	Resources        []*stateResource `json:"resources"`
}

type stateResource struct {
	Mode      string           `json:"mode"`
	Type      string           `json:"type"`
	Name      string           `json:"name"`
	Provider  string           `json:"provider"`
	Instances []*stateInstance `json:"instances"`
}

type stateInstance struct {
	Key             any             `json:"index_key,omitempty"`
	Status          string          `json:"status,omitempty"`
	Deposed         string          `json:"deposed,omitempty"`
	SchemaVersion   int64           `json:"schema_version"`
	Attributes      json.RawMessage `json:"attributes"`
	Private         []byte          `json:"private,omitempty"`
	IdentityVersion int64           `json:"identity_schema_version"`
	Identity        json.RawMessage `json:"identity,omitempty"`
}

// tracked is what a state has of an instance.
type tracked struct {
	mode, typeName, name string
	key                  cty.Value
	// current is nil where there is none; deposed is one that another object has replaced and that is still to be destroyed.
	current, deposed *Object
}

// state is what a run knows, by address.
type state map[string]*tracked

const stateName = "terraform.tfstate"

// readState reads the state file. What it has is upgraded by the provider first, as Terraform does.
func (p *Provider) readState(ctx context.Context, directory string, on OnDiagnostic) (state, error) {
	all := state{}
	text, err := os.ReadFile(filepath.Join(directory, stateName))
	if errors.Is(err, os.ErrNotExist) {
		return all, nil
	}
	var file stateFile
	if err == nil {
		err = json.Unmarshal(text, &file)
	}
	if err != nil {
		return nil, err
	}
	for _, resource := range file.Resources {
		for _, one := range resource.Instances {
			o, err := p.readObject(ctx, resource, one, on)
			if err != nil {
				return nil, err
			}
			key := cty.NullVal(cty.String)
			switch index := one.Key.(type) {
			case float64:
				key = cty.NumberFloatVal(index)
			case string:
				key = cty.StringVal(index)
			}
			name := address(resource.Mode, resource.Type, resource.Name, key)
			if all[name] == nil {
				all[name] = &tracked{mode: resource.Mode, typeName: resource.Type, name: resource.Name, key: key}
			}
			if one.Deposed != "" {
				all[name].deposed = o
			} else {
				all[name].current = o
			}
		}
	}
	return all, nil
}

func (p *Provider) readObject(ctx context.Context, resource *stateResource, one *stateInstance, on OnDiagnostic) (*Object, error) {
	if resource.Mode == "data" {
		kind, err := ctyType(p.schemas.DataSourceSchemas[resource.Type].ValueType())
		if err != nil {
			return nil, err
		}
		value, err := ctyjson.Unmarshal(one.Attributes, kind)
		return &Object{Value: value}, err
	}
	r, err := p.Resource(resource.Type, on)
	if err != nil {
		return nil, err
	}
	value, err := r.Upgrade(ctx, one.SchemaVersion, one.Attributes)
	if err != nil {
		return nil, err
	}
	o := &Object{Value: value, Private: one.Private, Tainted: one.Status == "tainted"}
	if len(one.Identity) > 0 {
		if one.IdentityVersion != p.identities[resource.Type].Version {
			return nil, fmt.Errorf("an identity of version %d wants a real Terraform", one.IdentityVersion)
		}
		o.Identity = &tfprotov6.ResourceIdentityData{IdentityData: &tfprotov6.DynamicValue{JSON: one.Identity}}
	}
	return o, nil
}

// writeState writes the state file. The file says which provider it is of.
func (p *Provider) writeState(directory, providerAddress string, all state) error {
	file := stateFile{Version: 4, TerraformVersion: TerraformVersion, Serial: 1, Lineage: "in-process", Resources: []*stateResource{}}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		t := all[name]
		at := slices.IndexFunc(file.Resources, func(r *stateResource) bool { return r.Mode == t.mode && r.Type == t.typeName && r.Name == t.name })
		if at < 0 {
			at = len(file.Resources)
			file.Resources = append(file.Resources, &stateResource{Mode: t.mode, Type: t.typeName, Name: t.name, Provider: fmt.Sprintf("provider[%q]", providerAddress)})
		}
		for i, o := range []*Object{t.current, t.deposed} {
			if o == nil {
				continue
			}
			one, err := p.writeObject(t, o)
			if err != nil {
				return err
			}
			one.Deposed = []string{"", "00000001"}[i]
			file.Resources[at].Instances = append(file.Resources[at].Instances, one)
		}
	}
	file.Resources = slices.DeleteFunc(file.Resources, func(r *stateResource) bool { return len(r.Instances) == 0 })
	slices.SortFunc(file.Resources, func(a, b *stateResource) int {
		return strings.Compare(a.Mode+a.Type+a.Name, b.Mode+b.Type+b.Name)
	})
	encoded, err := json.MarshalIndent(file, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(directory, stateName), encoded, 0o600)
}

func (p *Provider) writeObject(t *tracked, o *Object) (*stateInstance, error) {
	one := &stateInstance{Private: o.Private}
	if t.mode == "managed" {
		one.SchemaVersion = p.schemas.ResourceSchemas[t.typeName].Version
	}
	if o.Tainted {
		one.Status = "tainted"
	}
	switch {
	case t.key.IsNull():
	case t.key.Type() == cty.Number:
		one.Key, _ = t.key.AsBigFloat().Float64()
	default:
		one.Key = t.key.AsString()
	}
	var err error
	if one.Attributes, err = ctyjson.Marshal(o.Value, o.Value.Type()); err != nil || o.Identity == nil {
		return one, err
	}
	schema := p.identities[t.typeName]
	kind, err := ctyType(schema.ValueType())
	if err != nil {
		return nil, err
	}
	identity, err := decode(o.Identity.IdentityData, kind)
	if err != nil {
		return nil, err
	}
	one.IdentityVersion = schema.Version
	one.Identity, err = ctyjson.Marshal(identity, kind)
	return one, err
}
