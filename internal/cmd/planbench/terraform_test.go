package main

import (
	"os"
	"slices"
	"strings"
	"testing"
)

func TestWorkspace_plan(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{options: options{terraform: program, provider: "provider"}, directory: t.TempDir()}
	for code, want := range map[string]string{
		"0": "",
		"1": "terraform plan -detailed-exitcode -no-color: exit status 1\nplan -detailed-exitcode",
		"2": "the plan is not empty: terraform plan -detailed-exitcode -no-color: exit status 2\nplan -detailed-exitcode",
	} {
		w, err := b.workspace(floor(1), exitVariable+"="+code)
		if err != nil {
			t.Fatal(err)
		}
		took, err := w.plan(t.Context())
		if (err == nil) != (want == "") || err != nil && !strings.HasPrefix(err.Error(), want) {
			t.Errorf("exit code %s: %v, want %q", code, err, want)
		}
		if took.wall <= 0 || cpuMeasured && took.cpu <= 0 {
			t.Errorf("exit code %s: it took %+v", code, took)
		}
	}
}

func TestWithoutSettings(t *testing.T) {
	got := withoutSettings([]string{"PATH=/bin", "TF_LOG=TRACE", "TF_CLI_ARGS=-x", "MONGODB_ATLAS_CLIENT_ID=i", "MCLI_PUBLIC_API_KEY=k", "HOME=/"})
	if want := []string{"PATH=/bin", "HOME=/"}; !slices.Equal(got, want) {
		t.Errorf("what is left is %q, want %q", got, want)
	}
}

func TestEnd(t *testing.T) {
	if got := end("all of it"); got != "all of it" {
		t.Errorf("end = %q", got)
	}
	if got := end(strings.Repeat("é", 4000) + "why"); !strings.HasPrefix(got, "…é") || !strings.HasSuffix(got, "éwhy") || len(got) > 4010 {
		t.Errorf("end is %d bytes: %.10q…", len(got), got)
	}
}

func TestImports_everyClusterInTurn(t *testing.T) {
	got := imports(2, "p", map[string][]string{"Cluster0": {"a", "b"}, "Cluster1": {"c", "d"}, "Flex0": {"e"}})
	for index, id := range []string{"p/Cluster0/a", "p/Cluster1/c", "p/Cluster0/b", "p/Cluster1/d"} {
		block := "import {\n  to = atlasbackup_snapshot.bench[" + string(rune('0'+index)) + "]\n  id = \"" + id + "\"\n}\n"
		if !strings.Contains(got, block) {
			t.Errorf("%q is missing in\n%s", block, got)
		}
	}
	if n := strings.Count(got, "import {"); n != 4 {
		t.Errorf("%d imports, want 4", n)
	}
}
