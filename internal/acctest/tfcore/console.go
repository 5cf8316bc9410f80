package tfcore

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/zclconf/go-cty/cty"
)

// console is what a run shows.
type console struct {
	output io.Writer
	mu     sync.Mutex
	held   *[]string
	failed atomic.Bool
}

func (c *console) print(format string, arguments ...any) {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, _ = fmt.Fprintf(c.output, format, arguments...)
}

// holdWarnings keeps warnings back. What it returns ends that, and shows them or drops them.
func (c *console) holdWarnings() func(show bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var held []string
	c.held = &held
	return func(show bool) {
		c.mu.Lock()
		c.held = nil
		c.mu.Unlock()
		for _, text := range held {
			if show {
				c.print("%s", text)
			}
		}
	}
}

// report shows an error, unless the provider has returned it: then it has been shown.
func (c *console) report(err error) {
	var shown Failure
	if errors.As(err, &shown) || errors.Is(err, errReported) {
		return
	}
	c.failed.Store(true)
	var problems hcl.Diagnostics
	if !errors.As(err, &problems) {
		c.print("Error: %s\n", err)
	}
	for _, problem := range problems {
		c.print("Error: %s\n\n  on %s:\n\n%s\n", problem.Summary, problem.Subject, problem.Detail)
	}
}

// hearing shows diagnostics of an instance, or of the provider's configuration where that is nil.
func (c *console) hearing(config *configuration, of *instance) OnDiagnostic {
	return func(d *tfprotov6.Diagnostic) {
		severity := "Warning"
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			severity = "Error"
			c.failed.Store(true)
		}
		text := fmt.Sprintf("%s: %s\n\n%s\n%s\n\n", severity, d.Summary, config.place(of, d.Attribute), d.Detail)
		if severity == "Warning" {
			c.mu.Lock()
			held := c.held
			if held != nil {
				*held = append(*held, text)
			}
			c.mu.Unlock()
			if held != nil {
				return
			}
		}
		c.print("%s", text)
	}
}

// place says what a diagnostic is about, with the line of the configuration.
func (c *configuration) place(of *instance, path *tftypes.AttributePath) string {
	body := c.body
	text := "  with the provider's configuration"
	if of != nil {
		body = of.body
		text = "  with " + of.address
	}
	if body == nil || path == nil || len(path.Steps()) == 0 {
		return text + ","
	}
	name, _ := path.Steps()[0].(tftypes.AttributeName)
	attribute, ok := body.Attributes[string(name)]
	if !ok {
		return text + ","
	}
	at := attribute.SrcRange
	line := bytes.Split(c.sources[at.Filename], []byte("\n"))[at.Start.Line-1]
	block := "provider"
	if of != nil {
		block = fmt.Sprintf("%s %q %q", of.block(), of.typeName, of.name)
	}
	return fmt.Sprintf("%s,\n  on %s line %d, in %s:\n  %d: %s", text, at.Filename, at.Start.Line, block, at.Start.Line, line)
}

// showPlan shows what a plan does, and notes whether that is anything.
func (r *run) showPlan(steps map[string]*step) {
	add, change, destroy := 0, 0, 0
	for _, address := range slices.Sorted(maps.Keys(steps)) {
		s := steps[address]
		c := s.change
		if s.destroysDeposed != nil {
			destroy++
			r.console.print("# %s (deposed object) will be destroyed\n", address)
		}
		if c.Planned != nil && c.Prior == nil {
			add++
		}
		if c.Destroys {
			destroy++
		}
		switch {
		case c.IsNoOp():
			continue
		case c.Destroys && c.Planned == nil:
			r.console.print("# %s will be destroyed\n", address)
		case c.Destroys && r.tracked(address).current.Tainted:
			r.console.print("%s # %s is tainted, so must be replaced\n", c.order(), address)
		case c.Destroys:
			r.console.print("%s # %s must be replaced\n", c.order(), address)
		case c.Prior != nil:
			change++
			r.console.print("# %s will be updated in-place\n", address)
		default:
			r.console.print("# %s will be created\n", address)
		}
		r.showAttributes(r.before(address), c.After)
	}
	r.isChanged = add+change+destroy > 0
	switch {
	case r.options.refreshOnly && r.hasDrifted.Load():
		r.isChanged = true
		r.console.print("Note: Objects have changed outside of Terraform\n")
		return
	case !r.isChanged:
		r.console.print("No changes. Your infrastructure matches the configuration.\n")
		return
	}
	r.console.print("Plan: %d to add, %d to change, %d to destroy.\n", add, change, destroy)
}

// order is Terraform's symbol for a replacement.
func (c *Change) order() string {
	if c.CreatesFirst {
		return "+/-"
	}
	return "-/+"
}

// showAttributes shows which attributes change.
func (r *run) showAttributes(before, after cty.Value) {
	if before.IsNull() || after.IsNull() {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(after.Type().AttributeTypes())) {
		was, becomes := before.GetAttr(name), after.GetAttr(name)
		switch {
		case was.RawEquals(becomes):
		case !becomes.IsKnown():
			r.console.print("  ~ %s = %s -> (known after apply)\n", name, shown(was))
		default:
			r.console.print("  ~ %s = %s -> %s\n", name, shown(was), shown(becomes))
		}
	}
}

func shown(value cty.Value) string {
	switch {
	case value.IsNull():
		return "null"
	case value.Type() == cty.String:
		return fmt.Sprintf("%q", value.AsString())
	case value.Type() == cty.Number:
		return value.AsBigFloat().Text('f', -1)
	}
	return strings.TrimPrefix(fmt.Sprintf("%#v", value), "cty.")
}

// showApplied shows what an apply has done.
func (r *run) showApplied(steps map[string]*step) {
	added, changed, destroyed := 0, 0, 0
	for _, s := range steps {
		if s.destroysDeposed != nil {
			destroyed++
		}
		if s.change.Destroys {
			destroyed++
		}
		switch {
		case s.change.Planned == nil:
		case s.change.Prior != nil:
			changed++
		default:
			added++
		}
	}
	if r.options.destroy {
		r.console.print("Destroy complete! Resources: %d destroyed.\n", destroyed)
		return
	}
	r.console.print("Apply complete! Resources: %d added, %d changed, %d destroyed.\n", added, changed, destroyed)
}
