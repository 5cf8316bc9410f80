package tfcore

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/dynblock"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/gohcl"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclparse"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/gocty"
)

// instance is an instance of a resource or data source in a configuration.
type instance struct {
	address string
	// mode is managed or data.
	mode, typeName, name string
	// key is a number, a text or null.
	key          cty.Value
	config       cty.Value
	createsFirst bool
	body         *hclsyntax.Body
}

// block is what the block of the instance is called.
func (i *instance) block() string {
	if i.mode == "data" {
		return "data"
	}
	return "resource"
}

// configuration is what the files of a directory say.
type configuration struct {
	provider  cty.Value
	body      *hclsyntax.Body
	instances map[string]*instance
	sources   map[string][]byte
}

// loader reads a configuration.
type loader struct {
	schemas *tfprotov6.GetProviderSchemaResponse
	blocks  []*hclsyntax.Block
	values  map[string]hcl.Expression
	sources map[string][]byte
}

// load reads the files of a directory. Variables come from arguments, files of variables and the environment.
func (p *Provider) load(directory string, environment, variables []string) (*configuration, error) {
	l := &loader{schemas: p.schemas, values: map[string]hcl.Expression{}, sources: map[string][]byte{}}
	if err := l.read(directory, environment, variables); err != nil {
		return nil, err
	}
	values, err := l.variables()
	if err != nil {
		return nil, err
	}
	scope := &hcl.EvalContext{Variables: map[string]cty.Value{"var": cty.ObjectVal(values)}}
	c := &configuration{instances: map[string]*instance{}, sources: l.sources}
	if c.provider, err = l.decode(&hclsyntax.Body{}, p.schemas.Provider, scope); err != nil {
		return nil, err
	}
	for _, block := range l.blocks {
		switch block.Type {
		case "variable", "terraform":
		case "provider":
			c.body = block.Body
			c.provider, err = l.decode(block.Body, p.schemas.Provider, scope)
		case "resource":
			err = l.expand(c, "managed", p.schemas.ResourceSchemas[block.Labels[0]], block, scope)
		case "data":
			err = l.expand(c, "data", p.schemas.DataSourceSchemas[block.Labels[0]], block, scope)
		default:
			err = fmt.Errorf("a %s block wants a real Terraform", block.Type)
		}
		if err != nil {
			return nil, err
		}
	}
	return c, nil
}

// read parses all files. Of two values of a variable the later one counts.
func (l *loader) read(directory string, environment, variables []string) error {
	parser := hclparse.NewParser()
	set := func(assignment string, isFromEnvironment bool) {
		name, text, _ := strings.Cut(assignment, "=")
		expression, problems := hclsyntax.ParseExpression([]byte(text), "<value for var."+name+">", hcl.InitialPos)
		l.values[name] = givenValue{expression, text, problems, isFromEnvironment}
	}
	for _, entry := range environment {
		if assignment, ok := strings.CutPrefix(entry, "TF_VAR_"); ok {
			set(assignment, true)
		}
	}
	files, err := os.ReadDir(directory)
	if err != nil {
		return err
	}
	for _, file := range files {
		isVariables := strings.HasSuffix(file.Name(), ".auto.tfvars")
		if !isVariables && filepath.Ext(file.Name()) != ".tf" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(directory, file.Name()))
		if err != nil {
			return err
		}
		parsed, problems := parser.ParseHCL(text, file.Name())
		if problems.HasErrors() {
			return problems
		}
		l.sources[file.Name()] = text
		if isVariables {
			attributes, problems := parsed.Body.JustAttributes()
			if problems.HasErrors() {
				return problems
			}
			for name, attribute := range attributes {
				l.values[name] = attribute.Expr
			}
			continue
		}
		body, ok := parsed.Body.(*hclsyntax.Body)
		if !ok {
			return fmt.Errorf("%s is not in native syntax", file.Name())
		}
		l.blocks = append(l.blocks, body.Blocks...)
	}
	for _, assignment := range variables {
		set(assignment, false)
	}
	return nil
}

// givenValue is the value of a variable from the command line or the environment: a text for what wants one, else an expression.
type givenValue struct {
	hcl.Expression
	text              string
	problems          hcl.Diagnostics
	isFromEnvironment bool
}

func (l *loader) variables() (map[string]cty.Value, error) {
	values := map[string]cty.Value{}
	for _, block := range l.blocks {
		if block.Type != "variable" {
			continue
		}
		name := block.Labels[0]
		kind := cty.DynamicPseudoType
		if attribute, ok := block.Body.Attributes["type"]; ok {
			var problems hcl.Diagnostics
			if kind, problems = typeexpr.TypeConstraint(attribute.Expr); problems.HasErrors() {
				return nil, problems
			}
		}
		value, err := l.variable(name, kind, block.Body.Attributes["default"])
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		values[name] = value
	}
	for name, value := range l.values {
		// The environment may have more than the configuration declares.
		_, isDeclared := values[name]
		if given, ok := value.(givenValue); !isDeclared && (!ok || !given.isFromEnvironment) {
			return nil, fmt.Errorf("no variable %s is declared", name)
		}
	}
	return values, nil
}

func (l *loader) variable(name string, kind cty.Type, byDefault *hclsyntax.Attribute) (cty.Value, error) {
	expression := l.values[name]
	if expression == nil && byDefault != nil {
		expression = byDefault.Expr
	}
	if expression == nil {
		return cty.NilVal, fmt.Errorf("there is no value")
	}
	if given, ok := expression.(givenValue); ok {
		if kind.IsPrimitiveType() || kind == cty.DynamicPseudoType {
			return convert.Convert(cty.StringVal(given.text), kind)
		}
		if given.problems.HasErrors() {
			return cty.NilVal, given.problems
		}
		expression = given.Expression
	}
	value, problems := expression.Value(nil)
	if problems.HasErrors() {
		return cty.NilVal, problems
	}
	return convert.Convert(value, kind)
}

// meta are the arguments of a block that are Terraform's own.
type meta struct {
	Count     hcl.Expression `hcl:"count,optional"`
	ForEach   hcl.Expression `hcl:"for_each,optional"`
	Lifecycle *struct {
		CreateBeforeDestroy bool `hcl:"create_before_destroy,optional"`
	} `hcl:"lifecycle,block"`
	Rest hcl.Body `hcl:",remain"`
}

// expand makes the instances of a block.
func (l *loader) expand(c *configuration, mode string, schema *tfprotov6.Schema, block *hclsyntax.Block, scope *hcl.EvalContext) error {
	if schema == nil {
		return fmt.Errorf("%s wants a real Terraform", block.Labels[0])
	}
	var m meta
	if problems := gohcl.DecodeBody(block.Body, scope, &m); problems.HasErrors() {
		return problems
	}
	keys, err := m.keys(scope)
	if err != nil {
		return err
	}
	for _, one := range keys {
		inner := scope.NewChild()
		inner.Variables = one.variables
		i := &instance{mode: mode, typeName: block.Labels[0], name: block.Labels[1], key: one.key, body: block.Body}
		i.address = address(mode, i.typeName, i.name, i.key)
		i.createsFirst = m.Lifecycle != nil && m.Lifecycle.CreateBeforeDestroy
		if i.config, err = l.decode(m.Rest, schema, inner); err != nil {
			return fmt.Errorf("%s: %w", i.address, err)
		}
		c.instances[i.address] = i
	}
	return nil
}

// repetition is one of the instances of a block.
type repetition struct {
	key       cty.Value
	variables map[string]cty.Value
}

func (m *meta) keys(scope *hcl.EvalContext) ([]repetition, error) {
	count, problems := m.Count.Value(scope)
	if problems.HasErrors() {
		return nil, problems
	}
	each, problems := m.ForEach.Value(scope)
	if problems.HasErrors() {
		return nil, problems
	}
	var all []repetition
	switch {
	case !count.IsNull():
		var n int
		if err := gocty.FromCtyValue(count, &n); err != nil {
			return nil, err
		}
		for i := range n {
			index := cty.NumberIntVal(int64(i))
			all = append(all, repetition{index, map[string]cty.Value{"count": cty.ObjectVal(map[string]cty.Value{"index": index})}})
		}
	case !each.IsNull():
		elements := each.AsValueMap()
		for _, key := range slices.Sorted(maps.Keys(elements)) {
			text := cty.StringVal(key)
			all = append(all, repetition{text, map[string]cty.Value{"each": cty.ObjectVal(map[string]cty.Value{"key": text, "value": elements[key]})}})
		}
	default:
		all = []repetition{{cty.NullVal(cty.String), nil}}
	}
	return all, nil
}

func (l *loader) decode(body hcl.Body, schema *tfprotov6.Schema, scope *hcl.EvalContext) (cty.Value, error) {
	spec := hcldec.ObjectSpec{}
	for _, attribute := range schema.Block.Attributes {
		kind, err := ctyType(attribute.ValueType())
		if err != nil {
			return cty.NilVal, err
		}
		if attribute.Optional || attribute.Required {
			spec[attribute.Name] = &hcldec.AttrSpec{Name: attribute.Name, Type: kind, Required: attribute.Required}
			continue
		}
		spec[attribute.Name] = &hcldec.LiteralSpec{Value: cty.NullVal(kind)}
	}
	for _, nested := range schema.Block.BlockTypes {
		if nested.Nesting != tfprotov6.SchemaNestedBlockNestingModeSingle {
			return cty.NilVal, fmt.Errorf("a block %s of mode %s wants a real Terraform", nested.TypeName, nested.Nesting)
		}
		inner := hcldec.ObjectSpec{}
		for _, attribute := range nested.Block.Attributes {
			kind, err := ctyType(attribute.ValueType())
			if err != nil {
				return cty.NilVal, err
			}
			inner[attribute.Name] = &hcldec.AttrSpec{Name: attribute.Name, Type: kind}
		}
		spec[nested.TypeName] = &hcldec.BlockSpec{TypeName: nested.TypeName, Nested: inner}
	}
	value, problems := hcldec.Decode(dynblock.Expand(body, scope), spec, scope)
	if problems.HasErrors() {
		return cty.NilVal, problems
	}
	return value, nil
}

// address is how Terraform calls an instance.
func address(mode, typeName, name string, key cty.Value) string {
	text := typeName + "." + name
	if mode == "data" {
		text = "data." + text
	}
	switch {
	case key.IsNull():
		return text
	case key.Type() == cty.Number:
		return fmt.Sprintf("%s[%s]", text, key.AsBigFloat().Text('f', 0))
	}
	return fmt.Sprintf("%s[%q]", text, key.AsString())
}
