// Checkdist looks at what goreleaser built as the Terraform registry will: every platform's archive is there under its
// name, holds the provider under its name, and stands with its bill of materials and the right checksums in the list of
// checksums, which has nothing else; the manifest names protocol 6.
//
//	go run -C tools ./checkdist ../dist ../terraform-registry-manifest.json
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const project = "terraform-provider-atlasbackup"

// The platforms of a release; the registry serves no others.
var platforms = []string{
	"darwin_amd64", "darwin_arm64",
	"freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64",
	"linux_386", "linux_amd64", "linux_arm", "linux_arm64",
	"windows_386", "windows_amd64", "windows_arm64",
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: checkdist DIST MANIFEST")
		os.Exit(2)
	}
	version, err := check(os.Args[1], os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, "checkdist:", err)
		os.Exit(1)
	}
	fmt.Printf("%s %s: %d archives, their bills of materials and the manifest, names, contents and checksums as the registry wants them\n",
		project, version, len(platforms))
}

func check(dist, manifest string) (version string, err error) {
	version, err = builtVersion(dist)
	if err != nil {
		return "", err
	}
	prefix := project + "_" + version + "_"
	sums, err := readSums(filepath.Join(dist, prefix+"SHA256SUMS"))
	if err != nil {
		return "", err
	}

	var faults []error
	expected := map[string]string{prefix + "manifest.json": manifest}
	for _, platform := range platforms {
		name := prefix + platform + ".zip"
		expected[name] = filepath.Join(dist, name)
		expected[name+".sbom.json"] = expected[name] + ".sbom.json"
		faults = append(faults, checkArchive(expected[name], project+"_v"+version, strings.HasPrefix(platform, "windows")))
	}
	for name, file := range expected {
		faults = append(faults, checkSum(name, file, sums[name]))
	}
	for name := range sums {
		if _, ok := expected[name]; !ok {
			faults = append(faults, fmt.Errorf("%s has a checksum, yet is no part of a release", name))
		}
	}
	return version, errors.Join(append(faults, checkManifest(manifest))...)
}

// builtVersion is the version that goreleaser noted beside the archives.
func builtVersion(dist string) (string, error) {
	var metadata struct {
		Version string `json:"version"`
	}
	if err := readJSON(filepath.Join(dist, "metadata.json"), &metadata); err != nil {
		return "", err
	}
	return metadata.Version, nil
}

func checkManifest(file string) error {
	var manifest struct {
		Version  int `json:"version"`
		Metadata struct {
			ProtocolVersions []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := readJSON(file, &manifest); err != nil {
		return err
	}
	if manifest.Version != 1 || !slices.Equal(manifest.Metadata.ProtocolVersions, []string{"6.0"}) {
		return fmt.Errorf("%s: want version 1 and protocol_versions [\"6.0\"]", file)
	}
	return nil
}

// checkArchive wants two files in the archive: the provider, executable, and the licence.
func checkArchive(file, program string, windows bool) error {
	if windows {
		program += ".exe"
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	archive, err := zip.NewReader(bytes.NewReader(content), int64(len(content)))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}

	var names []string
	for _, entry := range archive.File {
		names = append(names, entry.Name)
		if entry.Name == program && entry.Mode().Perm()&0o111 == 0 {
			return fmt.Errorf("%s: %s is not executable", file, program)
		}
	}
	slices.Sort(names)
	if want := []string{"LICENSE", program}; !slices.Equal(names, want) {
		return fmt.Errorf("%s holds %q, want %q", file, names, want)
	}
	return nil
}

func checkSum(name, file, want string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(content)); got != want {
		return fmt.Errorf("%s: the list of checksums says %q, the file has %s", name, want, got)
	}
	return nil
}

// readSums reads lines of a checksum, two spaces and a name.
func readSums(file string) (map[string]string, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	sums := map[string]string{}
	for line := range strings.Lines(string(content)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			return nil, fmt.Errorf("%s: not a checksum and a name: %q", file, line)
		}
		sums[name] = sum
	}
	return sums, nil
}

func readJSON(file string, into any) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(content, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
